using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Contract;

/// <summary>What a storage must do beyond <see cref="QueueStorageContract"/> when it outlives its process.</summary>
public abstract class DurableQueueStorageContract : QueueStorageContract
{
    private static readonly IReadOnlyList<QueueItem> NoBounces = [];

    /// <summary>Closes the storage under test in an orderly way and makes another, not started, in the same place.</summary>
    protected abstract ValueTask<IQueueStorage> ReopenAsync();

    [Fact]
    public async Task Item_is_there_after_a_restart()
    {
        byte[] bytes = Noise(5000);
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(bytes, budget: Budget));
        await StoreAsync(item);
        await RestartAsync();
        (QueueItem read, byte[] content) = (await ReadAsync(item.Envelope.Id))!.Value;
        Assert.True(Same.Item(item, read));
        Assert.Equal(bytes, content);
        Assert.Single(await LoadAsync());
    }

    [Fact]
    public async Task Large_content_shared_by_items_is_there_after_a_restart()
    {
        byte[] bytes = Noise(2_000_000);
        MessageContent large = await BeginAndCompleteAsync(bytes);
        QueueItem[] items = [Envelopes.MakeItem(large, "a@example.com", "b@one.example"), Envelopes.MakeItem(large, "a@example.com", "b@two.example")];
        await StoreAsync(items);
        await RestartAsync();
        await Storage.RemoveAsync(items[0].Envelope.Id, CancellationToken.None);
        await RestartAsync();
        Assert.Null(await ReadAsync(items[0].Envelope.Id));
        Assert.Equal(bytes, (await ReadAsync(items[1].Envelope.Id))!.Value.Content);
    }

    [Fact]
    public async Task Last_state_and_its_bounce_are_there_after_a_restart()
    {
        QueueItem item = Small(), closed = Small(), bounce = Small("bounce");
        await StoreAsync(item);
        await StoreAsync(closed);
        DeliveryState state = Next(Next(item.State));
        await Storage.UpdateAsync(item.Envelope.Id, Next(item.State), NoBounces, CancellationToken.None);
        await Storage.UpdateAsync(item.Envelope.Id, state, NoBounces, CancellationToken.None);
        await Storage.UpdateAsync(closed.Envelope.Id, Closed(closed.State), [bounce], CancellationToken.None);
        bounce.Envelope.Content.Release();
        await RestartAsync();
        Assert.True(Same.State(state, (await ReadAsync(item.Envelope.Id))!.Value.Item.State));
        Assert.Null(await ReadAsync(closed.Envelope.Id));
        Assert.Equal("bounce"u8.ToArray(), (await ReadAsync(bounce.Envelope.Id))!.Value.Content);
        // Counted by loading: what a storage says of itself may still be growing after a start.
        Assert.Equal(2, (await LoadAsync()).Count);
    }

    [Fact]
    public async Task Item_goes_the_way_of_its_last_state_after_restarts()
    {
        QueueItem once = Small(), twice = Small(), never = Small(), born = Small();
        born = born with { State = born.State with { RoutingDomain = "born.example" } };
        await StoreAsync(once);
        await StoreAsync(twice);
        await StoreAsync(never);
        await StoreAsync(born);
        DeliveryState first = Next(twice.State) with { RoutingDomain = "first.example" };
        await Storage.UpdateAsync(once.Envelope.Id, Next(once.State) with { RoutingDomain = "once.example" }, NoBounces, CancellationToken.None);
        await Storage.UpdateAsync(twice.Envelope.Id, first, NoBounces, CancellationToken.None);
        await Storage.UpdateAsync(never.Envelope.Id, Next(never.State), NoBounces, CancellationToken.None);
        await RestartAsync();
        Assert.Equal(["once.example", "first.example", never.Domain, "born.example"], (await LoadAsync()).Select(static entry => entry.Domain));
        await Storage.UpdateAsync(twice.Envelope.Id, Next(first) with { RoutingDomain = "second.example" }, NoBounces, CancellationToken.None);
        await Storage.UpdateAsync(born.Envelope.Id, Next(born.State) with { RoutingDomain = born.Envelope.Domain }, NoBounces, CancellationToken.None);
        await RestartAsync();
        await RestartAsync();
        Assert.Equal(["once.example", "second.example", never.Domain, born.Envelope.Domain], (await LoadAsync()).Select(static entry => entry.Domain));
        Assert.Equal("second.example", (await ReadAsync(twice.Envelope.Id))!.Value.Item.State.RoutingDomain);
        await Storage.RemoveAsync(once.Envelope.Id, CancellationToken.None);
        await Storage.RemoveAsync(twice.Envelope.Id, CancellationToken.None);
        await RestartAsync();
        Assert.Equal([never.Envelope.Id, born.Envelope.Id], (await LoadAsync()).Select(static entry => entry.Id));
    }

    [Fact]
    public async Task Removed_item_stays_away_after_restarts()
    {
        QueueId removed = await StoreSmallAsync(), kept = await StoreSmallAsync();
        await Storage.RemoveAsync(removed, CancellationToken.None);
        await RestartAsync();
        await RestartAsync();
        Assert.Equal(kept, Assert.Single(await LoadAsync()).Id);
        Assert.Null(await ReadAsync(removed));
    }

    [Fact]
    public async Task Write_of_an_id_known_from_before_the_restart_changes_nothing()
    {
        QueueItem item = Small();
        item.Envelope.Content.Retain();
        await StoreAsync(item);
        await Storage.UpdateAsync(item.Envelope.Id, Next(item.State), NoBounces, CancellationToken.None);
        await RestartAsync();
        await StoreAsync(item);
        Assert.Single(await LoadAsync());
        Assert.Equal(1, (await ReadAsync(item.Envelope.Id))!.Value.Item.State.Version);
    }

    [Fact]
    public async Task Load_names_a_thousand_items_oldest_first_after_a_restart()
    {
        var ids = new List<QueueId>();
        foreach (int[] batch in Enumerable.Range(0, Many).Chunk(100))
        {
            QueueItem[] items = [.. batch.Select(i => Small($"Subject: {i}\r\n\r\n"))];
            await StoreAsync(items);
            ids.AddRange(items.Select(static item => item.Envelope.Id));
        }

        await RestartAsync();
        List<QueueEntry> entries = await LoadAsync();
        Assert.Equal(ids, entries.Select(static entry => entry.Id).Order());

        // A large spool hands some out before their turn, and says so.
        QueueId[] inTurn = [.. entries.Where(static entry => !entry.IsEarly).Select(static entry => entry.Id)];
        Assert.Equal(inTurn.Order(), inTurn);
        Assert.True(Many > 1000 || inTurn.Length == Many);
    }

    [Fact]
    public async Task Content_never_written_as_an_item_is_not_there_after_a_restart()
    {
        (await BeginAndCompleteAsync(Noise(400_000))).Release();
        QueueId kept = await StoreSmallAsync();
        await RestartAsync();
        Assert.Equal(kept, Assert.Single(await LoadAsync()).Id);
    }

    [Fact]
    public async Task Urgency_of_items_is_told_after_restarts_however_they_are_kept()
    {
        var expected = new Dictionary<QueueId, (int Priority, bool HasDeadline)>();
        for (int priority = DeliveryTerms.LowestPriority; priority <= DeliveryTerms.HighestPriority; priority++)
        {
            bool hasDeadline = priority % 2 == 0;
            QueueItem item = priority % 3 == 0 ? Envelopes.MakeItem(await BeginAndCompleteAsync(Noise(400_000))) : Small();
            item = item with
            {
                Envelope = item.Envelope with
                {
                    Terms = new DeliveryTerms { Priority = priority, By = hasDeadline ? new DeliverBy(Envelopes.Received.AddDays(1), DeliverByMode.Return) : null },
                },
            };
            await StoreAsync(item);
            expected.Add(item.Envelope.Id, (priority, hasDeadline));
        }

        for (int restart = 0; restart < 3; restart++)
        {
            List<QueueEntry> entries = await LoadAsync();
            Assert.Equal(expected.Count, entries.Count);
            Assert.All(entries, entry => Assert.Equal(expected[entry.Id], (entry.Urgency.Priority, entry.Urgency.HasDeadline)));
            await RestartAsync();
        }
    }

    private async Task RestartAsync()
    {
        Replace(await ReopenAsync());
        await Storage.StartAsync(CancellationToken.None);
    }
}
