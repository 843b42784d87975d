using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>What a listing asks the store for, and what it names of messages with several items.</summary>
public sealed class ListingTests
{
    private const int Page = 1000;

    private readonly MemoryBucket _bucket = new();
    private readonly ConcurrentQueue<string> _found = new();

    [Fact]
    public async Task Items_of_one_message_are_listed_without_asking_for_its_first_each_time()
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem[] items = MakeItems(20);
        await storage.WriteAsync(items, CancellationToken.None);
        Assert.Equal(items.Select(static item => item.Envelope.Id), await LoadAsync(storage));
        Assert.Empty(_found);
    }

    [Fact]
    public async Task First_of_a_message_is_asked_for_once_where_it_is_on_another_page()
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem[] items = MakeItems(Page + 1);

        // The first of the message comes last in the listing, and the second, on the first page, has to ask for it.
        QueueItem[] message = [items[^1], items[0]];
        await storage.WriteAsync(message, CancellationToken.None);
        foreach (QueueItem other in items.Except(message))
            await storage.WriteAsync([other], CancellationToken.None);
        Assert.Equal(items.Select(static item => item.Envelope.Id), await LoadAsync(storage));
        Assert.Equal($"items/{items[^1].Envelope.Id}", Assert.Single(_found));
    }

    [Fact]
    public async Task Items_stay_named_when_the_first_of_their_message_goes_while_a_listing_is_under_way()
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem[] items = MakeItems(Page + 2);
        await storage.WriteAsync(items, CancellationToken.None);
        var named = new List<QueueId>();
        await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
        {
            if (named.Count == 0)
                await storage.RemoveAsync(entry.Id, CancellationToken.None);
            named.Add(entry.Id);
        }

        Assert.Equal(items.Select(static item => item.Envelope.Id), named);
    }

    [Fact]
    public async Task Listing_ends_although_an_item_comes_for_each_that_it_names()
    {
        var time = new FakeTimeProvider(Envelopes.Received.AddDays(1));
        var bucket = new MemoryBucket { Time = time };
        await using var storage = new CloudStorage(bucket.Open(), null, null, time);
        await storage.StartAsync(CancellationToken.None);
        QueueItem[] items = MakeItems(Page);
        await storage.WriteAsync(items, CancellationToken.None);
        var named = new List<QueueId>();
        await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
        {
            Assert.True(named.Count < 2 * Page, "It does not end.");
            named.Add(entry.Id);
            time.Advance(TimeSpan.FromSeconds(1));
            await storage.WriteAsync(MakeItems(1), CancellationToken.None);
        }

        Assert.Equal(items.Select(static item => item.Envelope.Id), named.Take(Page));
    }

    [Fact]
    public async Task Items_from_before_the_stores_clock_was_set_back_are_named()
    {
        var time = new FakeTimeProvider(Envelopes.Received.AddDays(1));
        var bucket = new MemoryBucket { Time = time };
        await using var storage = new CloudStorage(bucket.Open(), null, null, time);
        await storage.StartAsync(CancellationToken.None);
        QueueItem[] items = MakeItems(2);
        await storage.WriteAsync(items, CancellationToken.None);
        time.AdjustTime(Envelopes.Received);
        var named = new List<QueueId>();
        await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
            named.Add(entry.Id);
        Assert.Equal(items.Select(static item => item.Envelope.Id), named);
    }

    [Fact]
    public async Task Items_of_a_message_whose_first_never_came_are_none()
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem[] lost = MakeItems(3), stored = MakeItems(3);
        string first = $"items/{lost[0].Envelope.Id}";
        _bucket.Before = (_, name) =>
        {
            if (name == first)
                throw new StorageException(StorageFailure.Unavailable, "not now");
        };
        await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync(lost, CancellationToken.None));
        await storage.WriteAsync(stored, CancellationToken.None);
        Assert.Contains($"items/{lost[1].Envelope.Id}", _bucket.Names);
        Assert.Equal(stored.Select(static item => item.Envelope.Id), await LoadAsync(storage));
    }

    // In the order of their ids.
    private static QueueItem[] MakeItems(int count) =>
        [.. Enumerable.Range(0, count).Select(static _ => Envelopes.MakeItem(TestKit.Contents.InMemory("Subject: a\r\n\r\nb\r\n"u8.ToArray()))).OrderBy(static item => item.Envelope.Id)];

    private async Task<QueueId[]> LoadAsync(CloudStorage storage)
    {
        _bucket.Asked = (what, name) =>
        {
            // The store's clock may be asked for at any time.
            if (what == "find" && name.StartsWith("items/", StringComparison.Ordinal))
                _found.Enqueue(name);
        };
        var named = new List<QueueId>();
        await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
            named.Add(entry.Id);
        _bucket.Asked = null;
        return [.. named];
    }

    private async Task<CloudStorage> OpenAsync()
    {
        var storage = new CloudStorage(_bucket.Open(), null, null, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        return storage;
    }
}
