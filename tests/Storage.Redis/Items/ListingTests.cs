using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Items;

/// <summary>Listings right after a start, for whoever copies a queue: all that waits is in them, or they fail.</summary>
public sealed class ListingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [FullFact("redis-server", "redis-cli")]
    public async Task All_items_are_listed_where_the_set_of_due_times_got_lost_before_the_start()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        var options = new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)] };
        QueueItem[] items = [.. Enumerable.Range(0, 2500).Select(static _ => Envelopes.MakeItem(Contents.InMemory()))];
        await using (RedisStorage before = RedisFixture.Open(options))
        {
            await before.StartAsync(CancellationToken.None);
            await before.WriteAsync(items, CancellationToken.None);
        }

        await redis.RunAsync("del", "slimta:due");
        await using RedisStorage storage = RedisFixture.Open(options);
        await storage.StartAsync(CancellationToken.None);
        Assert.Equal(items.Select(static item => item.Envelope.Id), await ListAsync(storage));
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Listing_fails_where_the_keys_could_not_be_looked_through_until_they_are()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await redis.RunAsync("acl", "setuser", "mail", "on", ">secret", "~*", "&*", "+@all", "-scan");
        await using RedisStorage storage = RedisFixture.Open(
            new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)], UserName = "mail", Password = "secret" });
        await storage.StartAsync(CancellationToken.None);
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        await storage.WriteAsync([item], CancellationToken.None);
        item.Envelope.Content.Release();
        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => ListAsync(storage));
        Assert.Equal(StorageFailure.Unavailable, failure.Failure);

        await redis.RunAsync("acl", "setuser", "mail", "+scan");
        await storage.Rebuilding.WaitAsync(Patience);
        Assert.Equal(item.Envelope.Id, Assert.Single(await ListAsync(storage)));
    }

    private static async Task<List<QueueId>> ListAsync(RedisStorage storage)
    {
        var ids = new List<QueueId>();
        await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
            ids.Add(entry.Id);
        return ids;
    }
}
