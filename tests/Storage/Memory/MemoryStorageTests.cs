using SlimtaFast.Mail;
using SlimtaFast.Storage.Tests.Contract;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Memory;

public sealed class MemoryStorageTests : QueueStorageContract
{
    protected override ValueTask<IQueueStorage> CreateAsync() => ValueTask.FromResult<IQueueStorage>(new MemoryStorage(Budget));

    [Fact]
    public async Task Content_beyond_the_budget_is_refused_as_full()
    {
        var budget = new ContentBudget(100_000);
        await using var storage = new MemoryStorage(budget);
        using (ContentWriter writer = storage.BeginContent(Envelopes.NewId(), null))
        {
            StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await writer.WriteAsync(Noise(200_000), CancellationToken.None));
            Assert.Equal(StorageFailure.Full, failure.Failure);
        }

        Assert.Equal(0, budget.Used);
        Assert.True(storage.GetInfo().AcceptsNew);
    }

    [Fact]
    public async Task Info_counts_a_shared_content_once()
    {
        MessageContent content = Contents.InMemory(Noise(1000), budget: Budget);
        QueueItem[] items = [Envelopes.MakeItem(content), Envelopes.MakeItem(content)];
        items[0] = items[0] with { Envelope = items[0].Envelope with { AddedHeaders = "X-Note: 1\r\n"u8.ToArray() } };
        await StoreAsync(items);
        Assert.Equal((2, 1011), (Storage.GetInfo().Items, Storage.GetInfo().Bytes));
        await Storage.RemoveAsync(items[0].Envelope.Id, CancellationToken.None);
        Assert.Equal((1, 1000), (Storage.GetInfo().Items, Storage.GetInfo().Bytes));
        await Storage.RemoveAsync(items[1].Envelope.Id, CancellationToken.None);
        Assert.Equal((0, 0), (Storage.GetInfo().Items, Storage.GetInfo().Bytes));
    }

    [Fact]
    public async Task Edited_headers_are_in_the_budget_as_long_as_an_item_has_them()
    {
        var budget = new ContentBudget(1000);
        await using var storage = new MemoryStorage(budget);
        MessageContent received = Contents.InMemory(Noise(5000));
        MessageContent first = Edit(received, 300), second = Edit(first, 200), third = Edit(received, 600);
        QueueItem[] shared = [Envelopes.MakeItem(second), Envelopes.MakeItem(second)];
        await storage.WriteAsync(shared, CancellationToken.None);
        await storage.WriteAsync(shared, CancellationToken.None);
        Assert.Equal(500, budget.Used);

        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () =>
            await storage.WriteAsync([Envelopes.MakeItem(received), Envelopes.MakeItem(third)], CancellationToken.None));
        Assert.Equal(StorageFailure.Full, failure.Failure);
        Assert.Equal((2, 500), (storage.GetInfo().Items, budget.Used));

        await storage.RemoveAsync(shared[0].Envelope.Id, CancellationToken.None);
        Assert.Equal(500, budget.Used);
        await storage.RemoveAsync(shared[1].Envelope.Id, CancellationToken.None);
        Assert.Equal(0, budget.Used);
        await storage.WriteAsync([Envelopes.MakeItem(third)], CancellationToken.None);
        Assert.Equal(600, budget.Used);
        foreach (MessageContent content in new[] { first, second, third, received })
            content.Release();
        await storage.DisposeAsync();
        Assert.Equal(0, budget.Used);

        static EditedContent Edit(MessageContent original, int octets) => new(Envelopes.NewId(), Noise(octets), Noise(5000).AsSpan(0, 0), original);
    }

    [Fact]
    public async Task State_older_than_the_stored_one_is_ignored()
    {
        QueueItem item = Small();
        await StoreAsync(item);
        DeliveryState later = Next(Next(item.State));
        await Storage.UpdateAsync(item.Envelope.Id, later, [], CancellationToken.None);
        await Storage.UpdateAsync(item.Envelope.Id, Next(item.State), [], CancellationToken.None);
        Assert.Equal(2, (await ReadAsync(item.Envelope.Id))!.Value.Item.State.Version);
    }
}
