using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests;

/// <summary>A copy has all that the source has, as it is there, or says what it lacks.</summary>
public sealed class QueueCopyTests : IAsyncLifetime
{
    private readonly MemoryStorage _from = Make();
    private readonly MemoryStorage _to = Make();
    private readonly List<QueueCopyProgress> _told = [];

    public async Task InitializeAsync()
    {
        await _from.StartAsync(CancellationToken.None);
        await _to.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _from.DisposeAsync();
        await _to.DisposeAsync();
    }

    private static MemoryStorage Make() => new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_items_are_copied_with_their_states_and_the_source_stays_unless_it_is_asked_otherwise(bool remove)
    {
        QueueItem[] items = [.. Enumerable.Range(0, 100).Select(static i => Envelopes.MakeItem(TestKit.Contents.InMemory(new byte[i * 50])))];
        foreach (QueueItem item in items)
            await _from.WriteAsync([item], CancellationToken.None);
        DeliveryState tried = items[7].State with { Version = 3, Attempts = 2, DueAt = Envelopes.Received.AddHours(5) };
        await _from.UpdateAsync(items[7].Envelope.Id, tried, [], CancellationToken.None);
        QueueCopyResult result = await new QueueCopy(_from, _to, _told.Add).RunAsync(remove, CancellationToken.None);
        Assert.Equal((100, 0, remove ? 100 : 0), (result.Items, result.Present, result.Removed));
        Assert.Empty(result.Differences);
        Assert.Equal(100, _to.GetInfo().Items);
        Assert.Equal(remove ? 0 : 100, _from.GetInfo().Items);
        QueueItem copy = (await _to.ReadAsync(items[7].Envelope.Id, CancellationToken.None))!;
        Assert.Equal((3, 2, tried.DueAt), (copy.State.Version, copy.State.Attempts, copy.State.DueAt));
        copy.Envelope.Content.Release();
        Assert.Equal(new QueueCopyProgress(remove ? QueueCopyStage.Removing : QueueCopyStage.Verifying, 100, 100), _told[^1]);
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();
    }

    [Fact]
    public async Task Copy_that_was_interrupted_goes_on_where_it_was()
    {
        QueueItem[] items = [.. Enumerable.Range(0, 10).Select(static _ => Envelopes.MakeItem(TestKit.Contents.InMemory()))];
        await _from.WriteAsync(items, CancellationToken.None);
        await _to.WriteAsync(items[..4], CancellationToken.None);

        // The source was used once more in between.
        await _from.UpdateAsync(items[0].Envelope.Id, items[0].State with { Version = 1, Attempts = 1 }, [], CancellationToken.None);
        QueueCopyResult result = await new QueueCopy(_from, _to).RunAsync(true, CancellationToken.None);
        Assert.Equal((10, 4, 10), (result.Items, result.Present, result.Removed));
        Assert.Empty(result.Differences);
        QueueItem copy = (await _to.ReadAsync(items[0].Envelope.Id, CancellationToken.None))!;
        Assert.Equal(1, copy.State.Attempts);
        copy.Envelope.Content.Release();
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();
    }

    [Fact]
    public async Task Nothing_is_removed_where_both_are_one()
    {
        QueueItem[] items = [.. Enumerable.Range(0, 3).Select(static _ => Envelopes.MakeItem(TestKit.Contents.InMemory()))];
        await _from.WriteAsync(items, CancellationToken.None);
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => new QueueCopy(_from, _from).RunAsync(true, CancellationToken.None));
        Assert.Contains("one and the same", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(3, _from.GetInfo().Items);
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();
    }

    [Fact]
    public async Task Nothing_is_removed_where_both_are_one_and_what_was_to_show_that_is_delivered_meanwhile()
    {
        QueueItem[] items = [.. Enumerable.Range(0, 3).Select(static _ => Envelopes.MakeItem(TestKit.Contents.InMemory()))];
        await _from.WriteAsync(items, CancellationToken.None);
        var copy = new QueueCopy(_from, _from, progress =>
        {
            if (IsVerified(progress))
                Assert.True(_from.RemoveAsync(items[0].Envelope.Id, CancellationToken.None).AsTask().IsCompletedSuccessfully);
        });
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => copy.RunAsync(true, CancellationToken.None));
        Assert.Contains("somebody uses it", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(2, _from.GetInfo().Items);
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();
    }

    [Fact]
    public async Task Nothing_is_removed_where_anything_differs()
    {
        QueueItem[] items = [.. Enumerable.Range(0, 3).Select(static _ => Envelopes.MakeItem(TestKit.Contents.InMemory()))];
        await _from.WriteAsync(items, CancellationToken.None);
        await _to.WriteAsync([items[1]], CancellationToken.None);
        await _to.UpdateAsync(items[1].Envelope.Id, items[1].State with { Version = 1, Attempts = 1 }, [], CancellationToken.None);
        QueueCopyResult result = await new QueueCopy(_from, _to).RunAsync(true, CancellationToken.None);
        Assert.Contains(items[1].Envelope.Id.ToString(), Assert.Single(result.Differences), StringComparison.Ordinal);
        Assert.Equal(0, result.Removed);
        Assert.Equal(3, _from.GetInfo().Items);
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();
    }

    [Fact]
    public async Task Damaged_items_keep_nothing_from_the_others_and_are_told()
    {
        QueueItem[] items = [.. Enumerable.Range(0, 100).Select(static i => Envelopes.MakeItem(TestKit.Contents.InMemory(new byte[i])))];
        foreach (QueueItem item in items)
            await _from.WriteAsync([item], CancellationToken.None);
        var source = new TroubledStorage(_from);
        source.Troubles[items[3].Envelope.Id] = new StorageException(StorageFailure.Unavailable, "The head is damaged.", new InvalidDataException("It is."));
        source.Troubles[items[70].Envelope.Id] = new EndOfStreamException("The content is not whole.");
        QueueCopyResult result = await new QueueCopy(source, _to).RunAsync(true, CancellationToken.None);
        Assert.Equal([$"{items[3].Envelope.Id}: The head is damaged.", $"{items[70].Envelope.Id}: The content is not whole."], result.Differences);
        Assert.Equal((100, 0), (result.Items, result.Removed));
        Assert.Equal(98, _to.GetInfo().Items);
        Assert.Equal(100, _from.GetInfo().Items);
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();
    }

    [Fact]
    public async Task Source_that_is_away_ends_the_copy()
    {
        QueueItem item = Envelopes.MakeItem(TestKit.Contents.InMemory());
        await _from.WriteAsync([item], CancellationToken.None);
        var source = new TroubledStorage(_from);
        source.Troubles[item.Envelope.Id] = new StorageException(StorageFailure.Unavailable, "It is away.", new IOException("The network is."));
        await Assert.ThrowsAsync<StorageException>(() => new QueueCopy(source, _to).RunAsync(true, CancellationToken.None));
        item.Envelope.Content.Release();
    }

    [Fact]
    public async Task Nothing_is_removed_where_mail_came_to_the_source_meanwhile()
    {
        QueueItem[] items = [.. Enumerable.Range(0, 3).Select(static _ => Envelopes.MakeItem(TestKit.Contents.InMemory()))];
        await _from.WriteAsync(items[..2], CancellationToken.None);
        var copy = new QueueCopy(_from, _to, progress =>
        {
            if (IsVerified(progress))
                Assert.True(_from.WriteAsync([items[2]], CancellationToken.None).AsTask().IsCompletedSuccessfully);
        });
        QueueCopyResult result = await copy.RunAsync(true, CancellationToken.None);
        Assert.Equal($"{items[2].Envelope.Id}: it came to the source meanwhile: somebody uses it", Assert.Single(result.Differences));
        Assert.Equal(0, result.Removed);
        Assert.Equal(3, _from.GetInfo().Items);
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();
    }

    private static bool IsVerified(QueueCopyProgress progress) => progress is { Stage: QueueCopyStage.Verifying, Done: > 0 } && progress.Done == progress.Total;
}
