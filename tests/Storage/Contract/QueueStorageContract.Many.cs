using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Contract;

public abstract partial class QueueStorageContract
{
    [Fact]
    public async Task Load_names_a_thousand_items_oldest_first()
    {
        QueueId[] ids = [.. Enumerable.Range(0, Many).Select(static _ => Envelopes.NewId())];
        int[] shuffled = [.. Enumerable.Range(0, Many)];
        new Random(5).Shuffle(shuffled);
        var due = new DateTimeOffset[Many];
        long[] lengths = new long[Many];
        foreach (int[] batch in shuffled.Chunk(50))
        {
            QueueItem[] items = [.. batch.Select(i => Numbered(i, ids[i]))];
            for (int i = 0; i < batch.Length; i++)
                (due[batch[i]], lengths[batch[i]]) = (items[i].State.DueAt, items[i].Envelope.Length);
            await StoreAsync(items);
        }

        List<QueueEntry> entries = await LoadAsync();
        Assert.Equal(ids, entries.Select(static entry => entry.Id));
        for (int i = 0; i < entries.Count; i++)
        {
            Assert.Equal(due[i], entries[i].DueAt);
            Assert.Equal($"host{i % 7}.example", entries[i].Domain);
            Assert.Equal(lengths[i], entries[i].Length);
        }

        Assert.Same(entries[0].Domain, entries[7].Domain);
        Assert.Equal(Many, Storage.GetInfo().Items);
        Assert.True(Storage.GetInfo().Bytes > 0);
    }

    [Fact]
    public async Task Load_names_every_third_after_the_others_are_gone()
    {
        QueueId[] ids = [.. Enumerable.Range(0, Many / 10 * 3).Select(static _ => Envelopes.NewId())];
        foreach (int[] batch in Enumerable.Range(0, ids.Length).Chunk(50))
            await StoreAsync([.. batch.Select(i => Numbered(i, ids[i]))]);
        DeliveryState closed = Closed(DeliveryState.Initial(Envelopes.Received, 1));
        for (int i = 0; i < ids.Length; i++)
        {
            if (i % 3 == 1)
                await Storage.RemoveAsync(ids[i], CancellationToken.None);
            else if (i % 3 == 2)
                await Storage.UpdateAsync(ids[i], closed, NoBounces, CancellationToken.None);
        }

        Assert.Equal(ids.Where(static (_, i) => i % 3 == 0), (await LoadAsync()).Select(static entry => entry.Id));
        Assert.Equal(ids.Length / 3, Storage.GetInfo().Items);
    }

    [Fact]
    public async Task Load_names_what_was_there_when_it_was_called_whatever_happens_meanwhile()
    {
        QueueId[] ids = [.. Enumerable.Range(0, Many / 10).Select(static _ => Envelopes.NewId())];
        foreach (int[] batch in Enumerable.Range(0, ids.Length).Chunk(100))
            await StoreAsync([.. batch.Select(i => Numbered(i, ids[i]))]);
        var seen = new HashSet<QueueId>();
        await foreach (QueueEntry entry in Storage.LoadAsync(CancellationToken.None))
        {
            Assert.True(seen.Add(entry.Id), "An item was named twice.");
            await StoreSmallAsync();
        }

        Assert.Superset(ids.ToHashSet(), seen);
    }

    [Fact]
    public async Task Concurrent_writers_do_not_disturb_each_other()
    {
        IEnumerable<Task<List<QueueId>>> writers = Enumerable.Range(0, 16).Select(writer => Task.Run(() => WriteUpdateAndRemoveAsync(writer)));
        QueueId[] expected = [.. (await Task.WhenAll(writers)).SelectMany(static kept => kept).Order()];
        Assert.Equal(expected, (await LoadAsync()).Select(static entry => entry.Id));
        foreach (QueueId id in expected.Where(static (_, i) => i % 5 == 0))
            Assert.Equal(1, (await ReadAsync(id))!.Value.Item.State.Version);
    }

    [Fact]
    public async Task Readers_see_whole_states_in_order_while_the_item_changes()
    {
        QueueItem item = Small();
        await StoreAsync(item);
        using var done = new CancellationTokenSource();
        Task<int>[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => WatchAsync(item, done.Token)))];
        DeliveryState state = item.State;
        for (int i = 0; i < 100; i++)
        {
            state = Next(state);
            await Storage.UpdateAsync(item.Envelope.Id, state, NoBounces, CancellationToken.None);
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(100, (await ReadAsync(item.Envelope.Id))!.Value.Item.State.Version);
    }

    [Fact]
    public async Task Readers_get_the_whole_item_or_nothing_while_it_is_taken_away()
    {
        for (int round = 0; round < 20; round++)
        {
            QueueId id = await StoreSmallAsync();
            using var start = new Barrier(2);
            Task<(QueueItem Item, byte[] Content)?> reader = Task.Run(() =>
            {
                start.SignalAndWait();
                return ReadAsync(id);
            });
            await Task.Run(async () =>
            {
                start.SignalAndWait();
                await Storage.RemoveAsync(id, CancellationToken.None);
            });
            (QueueItem Item, byte[] Content)? read = await reader;
            Assert.True(read is null || read.Value.Content.Length == Contents.Text.Length);
        }
    }

    [Fact]
    public async Task Closing_the_storage_fails_what_comes_later()
    {
        QueueItem item = Small();
        await Storage.DisposeAsync();
        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await Storage.WriteAsync([item], CancellationToken.None));
        Assert.Equal(StorageFailure.Stopping, failure.Failure);
        item.Envelope.Content.Release();
    }

    private QueueItem Numbered(int number, QueueId id)
    {
        QueueItem item = Numbered(number);
        return item with { Envelope = item.Envelope with { Id = id } };
    }

    private QueueItem Numbered(int number)
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory($"Subject: {number}\r\n\r\n", budget: Budget), "a@example.com", $"b@HOST{number % 7}.example");
        return item with { State = item.State with { DueAt = item.State.DueAt.AddSeconds(number) } };
    }

    private async Task<List<QueueId>> WriteUpdateAndRemoveAsync(int writer)
    {
        var kept = new List<QueueId>();
        for (int i = 0; i < 12; i++)
        {
            QueueItem item = Numbered((writer * 100) + i);
            await StoreAsync(item);
            await Storage.UpdateAsync(item.Envelope.Id, Next(item.State), NoBounces, CancellationToken.None);
            if (i % 3 == 0)
                await Storage.RemoveAsync(item.Envelope.Id, CancellationToken.None);
            else if (i % 3 == 1)
                await Storage.UpdateAsync(item.Envelope.Id, Closed(Next(item.State)), NoBounces, CancellationToken.None);
            else
                kept.Add(item.Envelope.Id);
        }

        return kept;
    }

    private async Task<int> WatchAsync(QueueItem item, CancellationToken done)
    {
        int last = 0;
        do
        {
            (QueueItem read, byte[] _) = (await ReadAsync(item.Envelope.Id))!.Value;
            Assert.True(read.State.Version >= last, "A state went back.");
            Assert.Equal(read.State.Version, read.State.Attempts);
            Assert.Equal(item.State.DueAt.AddMinutes(read.State.Version), read.State.DueAt);
            last = read.State.Version;
            await Task.Yield();
        }
        while (!done.IsCancellationRequested);
        return last;
    }
}
