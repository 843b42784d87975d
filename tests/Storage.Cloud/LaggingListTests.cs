using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>What a listing does not show yet, or a sweep finds in the middle of a long upload, is not taken for left behind.</summary>
public sealed class LaggingListTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private readonly FakeTimeProvider _time = new(Envelopes.Received.AddDays(1));

    [Fact]
    public async Task Content_of_several_items_stays_although_the_listing_shows_none_of_them_yet()
    {
        var bucket = new MemoryBucket { Time = _time, Unlisted = static name => name.StartsWith("uses/", StringComparison.Ordinal) };
        await using CloudStorage storage = await OpenAsync(bucket);
        MessageContent content = TestKit.Contents.InMemory(new byte[300_000]);
        QueueItem[] items = [.. Enumerable.Range(0, 2).Select(i => Envelopes.MakeItem(content, "a@example.com", $"b@host{i}.example"))];
        await storage.WriteAsync(items, Lease, CancellationToken.None);
        content.Release();
        Assert.True(await storage.RemoveAsync(new QueueLease(items[0].Envelope.Id, QueueLease.First), CancellationToken.None));
        QueueItem left = (await storage.ReadAsync(items[1].Envelope.Id, CancellationToken.None))!;
        Assert.Equal(300_000, (await TestKit.Contents.ReadAllAsync(left.Envelope.Content)).Length);
        left.Envelope.Content.Release();
        Assert.True(await storage.RemoveAsync(new QueueLease(items[1].Envelope.Id, QueueLease.First), CancellationToken.None));
        bucket.Unlisted = null;
        _time.Advance(TimeSpan.FromHours(2));
        await using CloudStorage after = await OpenAsync(bucket);
        Assert.DoesNotContain(bucket.Names, static name => name.StartsWith("contents/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Item_that_a_listing_lacks_is_not_ended_by_a_sweep()
    {
        var bucket = new MemoryBucket { Time = _time };
        QueueItem item;
        await using (CloudStorage storage = await OpenAsync(bucket))
        {
            MessageContent content = TestKit.Contents.InMemory(new byte[300_000]);
            item = Envelopes.MakeItem(content);
            await storage.WriteAsync([item], CancellationToken.None);
            content.Release();
            Assert.Single((await storage.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
        }

        _time.Advance(TimeSpan.FromHours(2));
        bucket.Unlisted = static name => name.StartsWith("items/", StringComparison.Ordinal);
        await using CloudStorage after = await OpenAsync(bucket);
        QueueItem left = (await after.ReadAsync(item.Envelope.Id, CancellationToken.None))!;
        Assert.Equal(300_000, (await TestKit.Contents.ReadAllAsync(left.Envelope.Content)).Length);
        left.Envelope.Content.Release();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Content_stays_although_no_listing_shows_for_hours_that_anybody_needs_it(int count)
    {
        var bucket = new MemoryBucket { Time = _time, Unlisted = static name => !name.StartsWith("contents/", StringComparison.Ordinal) };
        QueueItem[] items;
        await using (CloudStorage storage = await OpenAsync(bucket))
        {
            MessageContent content = TestKit.Contents.InMemory(new byte[300_000]);
            items = [.. Enumerable.Range(0, count).Select(i => Envelopes.MakeItem(content, "a@example.com", $"b@host{i}.example"))];
            await storage.WriteAsync(items, CancellationToken.None);
            content.Release();
        }

        _time.Advance(TimeSpan.FromHours(20));
        await using CloudStorage after = await OpenAsync(bucket);
        foreach (QueueItem item in items)
        {
            QueueItem left = (await after.ReadAsync(item.Envelope.Id, CancellationToken.None))!;
            Assert.Equal(300_000, (await TestKit.Contents.ReadAllAsync(left.Envelope.Content)).Length);
            left.Envelope.Content.Release();
        }
    }

    [Fact]
    public async Task Content_of_several_items_stays_when_a_sweep_ends_the_use_of_one_of_them()
    {
        var bucket = new MemoryBucket { Time = _time, Unlisted = static name => false };
        MessageContent content = TestKit.Contents.InMemory(new byte[300_000]);
        QueueItem[] items = [.. Enumerable.Range(0, 2).Select(i => Envelopes.MakeItem(content, "a@example.com", $"b@host{i}.example"))];
        await using (CloudStorage storage = await OpenAsync(bucket))
        {
            await storage.WriteAsync(items, CancellationToken.None);
            content.Release();

            // Stopped where the item is gone and its use is still there.
            bucket.Before = static (what, name) =>
            {
                if (what == "delete" && name.StartsWith("uses/", StringComparison.Ordinal))
                    throw new StorageException(StorageFailure.Unavailable, "not now");
            };
            await storage.RemoveAsync(items[0].Envelope.Id, CancellationToken.None);
            bucket.Before = null;
        }

        bucket.Unlisted = name => name == $"uses/{content.Id}/{items[1].Envelope.Id}";
        _time.Advance(TimeSpan.FromHours(2));
        await using CloudStorage after = await OpenAsync(bucket);
        Assert.DoesNotContain($"uses/{content.Id}/{items[0].Envelope.Id}", bucket.Names);
        QueueItem left = (await after.ReadAsync(items[1].Envelope.Id, CancellationToken.None))!;
        Assert.Equal(300_000, (await TestKit.Contents.ReadAllAsync(left.Envelope.Content)).Length);
        left.Envelope.Content.Release();
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(30, true)]
    [InlineData(30, false)]
    public async Task Parts_of_a_content_stay_while_it_may_be_needed(int hours, bool isThere)
    {
        var bucket = new MemoryBucket { Time = _time, Unlisted = static name => name.StartsWith("uses/", StringComparison.Ordinal) };
        MessageContent content = TestKit.Contents.InMemory(new byte[300_000]);
        QueueItem[] items = [.. Enumerable.Range(0, 2).Select(i => Envelopes.MakeItem(content, "a@example.com", $"b@host{i}.example"))];
        string part = $"contents/{content.Id}/00000";
        await using (CloudStorage storage = await OpenAsync(bucket))
        {
            await storage.WriteAsync(items, CancellationToken.None);
            content.Release();
            await using IObjectStore store = bucket.Open();
            await store.PutAsync(part, default, [], PutCondition.None, CancellationToken.None);
            if (!isThere)
                await store.DeleteAsync([$"contents/{content.Id}"], CancellationToken.None);
        }

        // What lies beside it is looked at while the content is there.
        bucket.Before = (what, name) =>
        {
            if (what == "delete" && name == $"contents/{content.Id}")
                throw new StorageException(StorageFailure.Unavailable, "not now");
        };
        _time.Advance(TimeSpan.FromHours(hours));
        await using CloudStorage after = await OpenAsync(bucket);
        Assert.Equal(isThere, bucket.Names.Contains(part));
    }

    [Fact]
    public async Task Content_that_came_so_slowly_that_a_sweep_may_take_it_is_not_acknowledged()
    {
        var bucket = new MemoryBucket { Time = _time };
        await using CloudStorage storage = await OpenAsync(bucket);
        QueueItem item = Envelopes.MakeItem(TestKit.Contents.InMemory());
        using ContentWriter writer = storage.BeginContent(Envelopes.NewId(), null);
        await writer.WriteAsync(new byte[300_000], CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(40));
        MessageContent content = await writer.CompleteAsync(default, CancellationToken.None);
        QueueItem slow = Envelopes.MakeItem(content);
        StorageException late = await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync([slow], Lease, CancellationToken.None));
        Assert.Equal(StorageFailure.DeadlinePassed, late.Failure);
        content.Release();
        item.Envelope.Content.Release();
    }

    private async Task<CloudStorage> OpenAsync(MemoryBucket bucket)
    {
        var storage = new CloudStorage(bucket.Open(), null, null, _time);
        await storage.StartAsync(CancellationToken.None);
        await storage.Swept;
        return storage;
    }
}
