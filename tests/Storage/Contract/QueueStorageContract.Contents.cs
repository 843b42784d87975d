using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Contract;

public abstract partial class QueueStorageContract
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(100_000)]
    [InlineData(3_000_000)]
    public async Task Content_in_memory_is_read_as_written(int length)
    {
        byte[] bytes = Noise(length);
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(bytes, budget: Budget));
        await StoreAsync(item);
        (QueueItem read, byte[] content) = (await ReadAsync(item.Envelope.Id))!.Value;
        Assert.Equal(bytes, content);
        Assert.Equal(item.Envelope.Content.Traits, read.Envelope.Content.Traits);
        Assert.Equal(length, read.Envelope.Content.Length);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(50_000, 1000)]
    [InlineData(3_000_000, 65_536)]
    [InlineData(1_000_003, 999_999)]
    public async Task Content_begun_here_is_read_as_written(int length, int piece)
    {
        byte[] bytes = Noise(length);
        QueueItem item = Envelopes.MakeItem(await BeginAndCompleteAsync(bytes, piece, length));
        Assert.Equal(Crc32C.Compute(bytes), item.Envelope.Content.Crc);
        await StoreAsync(item);
        (QueueItem read, byte[] content) = (await ReadAsync(item.Envelope.Id))!.Value;
        Assert.True(Same.Item(item, read));
        Assert.Equal(bytes, content);
    }

    [Fact]
    public async Task Content_begun_here_is_readable_before_it_is_stored()
    {
        byte[] bytes = Noise(700_000);
        MessageContent content = await BeginAndCompleteAsync(bytes);
        Assert.Equal(bytes, await Contents.ReadAllAsync(content));
        content.Release();
        Assert.Empty(await LoadAsync());
    }

    [Fact]
    public async Task Content_given_up_half_way_leaves_nothing()
    {
        using (ContentWriter writer = Storage.BeginContent(Envelopes.NewId(), null))
            await writer.WriteAsync(Noise(500_000), CancellationToken.None);
        using (Storage.BeginContent(Envelopes.NewId(), 10_000_000))
        {
            // Given up before the first octet.
        }

        Assert.Empty(await LoadAsync());
        Assert.Equal(0, Budget.Used);
    }

    [Fact]
    public async Task Content_is_read_from_any_offset()
    {
        byte[] bytes = Noise(300_000);
        QueueItem small = Envelopes.MakeItem(Contents.InMemory(bytes, budget: Budget));
        QueueItem large = Envelopes.MakeItem(await BeginAndCompleteAsync(bytes));
        await StoreAsync(small);
        await StoreAsync(large);
        foreach (QueueId id in new[] { small.Envelope.Id, large.Envelope.Id })
        {
            MessageContent content = (await Storage.ReadAsync(id, CancellationToken.None))!.Envelope.Content;
            byte[] buffer = new byte[1000];
            foreach (int offset in new[] { 0, 1, 4095, 4096, 131_071, 299_000, 299_001, 299_999, 300_000 })
            {
                int expected = Math.Min(buffer.Length, bytes.Length - offset);
                Assert.Equal(expected, await content.ReadAsync(offset, buffer, CancellationToken.None));
                Assert.True(bytes.AsSpan(offset, expected).SequenceEqual(buffer.AsSpan(0, expected)));
            }

            content.Release();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Content_shared_by_items_stays_until_the_last_is_gone(bool begunHere)
    {
        byte[] bytes = Noise(600_000);
        MessageContent content = begunHere ? await BeginAndCompleteAsync(bytes) : Contents.InMemory(bytes, budget: Budget);
        QueueItem[] items = [.. Enumerable.Range(0, 3).Select(i => Envelopes.MakeItem(content, "a@example.com", $"b@host{i}.example"))];
        await StoreAsync(items);
        await Storage.UpdateAsync(items[0].Envelope.Id, Closed(items[0].State), NoBounces, CancellationToken.None);
        Assert.Equal(bytes, (await ReadAsync(items[1].Envelope.Id))!.Value.Content);
        await Storage.RemoveAsync(items[1].Envelope.Id, CancellationToken.None);
        Assert.Equal(bytes, (await ReadAsync(items[2].Envelope.Id))!.Value.Content);
        await Storage.RemoveAsync(items[2].Envelope.Id, CancellationToken.None);
        Assert.Empty(await LoadAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Content_is_shared_by_items_of_later_writes(bool begunHere)
    {
        byte[] bytes = Noise(600_000);
        MessageContent content = begunHere ? await BeginAndCompleteAsync(bytes) : Contents.InMemory(bytes, budget: Budget);
        content.Retain();
        QueueItem first = Envelopes.MakeItem(content), second = Envelopes.MakeItem(content);
        await StoreAsync(first);
        await StoreAsync(second);
        await Storage.RemoveAsync(first.Envelope.Id, CancellationToken.None);
        Assert.Equal(bytes, (await ReadAsync(second.Envelope.Id))!.Value.Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Content_stays_readable_for_its_holder_after_the_item_is_gone(bool begunHere)
    {
        byte[] bytes = Noise(600_000);
        QueueItem item = Envelopes.MakeItem(begunHere ? await BeginAndCompleteAsync(bytes) : Contents.InMemory(bytes, budget: Budget));
        await StoreAsync(item);
        QueueItem held = (await Storage.ReadAsync(item.Envelope.Id, CancellationToken.None))!;
        await Storage.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        Assert.Equal(bytes, await Contents.ReadAllAsync(held.Envelope.Content));
        held.Envelope.Content.Release();
    }

    [Fact]
    public async Task Item_written_from_one_that_was_read_shares_its_content()
    {
        // What a policy or a bounce does that passes the original on.
        QueueId id = await StoreSmallAsync();
        QueueItem read = (await Storage.ReadAsync(id, CancellationToken.None))!;
        QueueItem copy = read with { Envelope = read.Envelope with { Id = Envelopes.NewId() } };
        await StoreAsync(copy);
        await Storage.RemoveAsync(id, CancellationToken.None);
        Assert.Equal(Contents.Text.Length, (await ReadAsync(copy.Envelope.Id))!.Value.Content.Length);
    }

    [Fact]
    public async Task Nothing_is_held_once_everything_is_gone()
    {
        var ids = new List<QueueId>();
        for (int i = 0; i < 20; i++)
            ids.Add(await StoreSmallAsync());
        foreach (QueueId id in ids)
        {
            await ReadAsync(id);
            await Storage.RemoveAsync(id, CancellationToken.None);
        }

        StorageInfo info = Storage.GetInfo();
        Assert.Equal(0, info.Items);
        Assert.True(info.AcceptsNew, info.Problem);
        Assert.Equal(0, Budget.Used);
    }
}
