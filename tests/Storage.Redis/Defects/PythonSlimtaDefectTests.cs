using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Defects;

/// <summary>What python-slimta's storage in Redis did wrong, and what its users know of it.</summary>
public sealed class PythonSlimtaDefectTests(RedisFixture fixture) : IClassFixture<RedisFixture>
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private RedisProgram Redis => fixture.Redis;

    [FullFact("redis-server", "redis-cli")]
    public async Task Timestamp_and_attempts_are_decimal_text_at_the_id()
    {
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage storage = await StartAsync(place);
        QueueItem item = await StoreAsync(storage);
        string key = place.Prefix + item.Envelope.Id;
        Assert.Equal(item.State.DueAt.ToUnixTimeSeconds(), double.Parse(await Redis.RunAsync("hget", key, "timestamp"), CultureInfo.InvariantCulture));
        Assert.Equal("0", await Redis.RunAsync("hget", key, "attempts"));
        DeliveryState state = item.State with { Version = 1, Attempts = 1, DueAt = item.State.DueAt.AddSeconds(90.5) };
        await storage.UpdateAsync(item.Envelope.Id, state, [], CancellationToken.None);
        Assert.Equal(item.State.DueAt.ToUnixTimeSeconds() + 90.5, double.Parse(await Redis.RunAsync("hget", key, "timestamp"), CultureInfo.InvariantCulture));
        Assert.Equal("1", await Redis.RunAsync("hget", key, "attempts"));
        Assert.NotEmpty(await Redis.RunAsync("hget", key, "envelope"));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Keys_that_are_no_messages_do_not_stop_a_start_and_are_left_alone()
    {
        // The list of notifications, which broke off its loading; a pickled message; a string and a list where a message could be.
        RedisStorageOptions place = fixture.NewPlace();
        QueueItem item;
        await using (RedisStorage storage = await StartAsync(place))
            item = await StoreAsync(storage);
        string pickled = place.Prefix + "0123456789abcdef0123456789abcdef", text = place.Prefix + "11111111111111111111111111111111", list = place.Prefix + "22222222222222222222222222222222";
        await Redis.RunAsync("rpush", place.Prefix + "queue", "x");
        await Redis.RunAsync("hset", pickled, "envelope", "(pickle)", "timestamp", "1234567890.5", "attempts", "3");
        await Redis.RunAsync("set", text, "x");
        await Redis.RunAsync("rpush", list, "x");
        await Redis.RunAsync("del", place.Prefix + "due");

        await using RedisStorage again = await StartAsync(place);
        ClaimedItem claimed = Assert.Single((await again.ClaimDueAsync(100, Lease, CancellationToken.None)).Items);
        Assert.Equal(item.Envelope.Id, claimed.Entry.Id);
        Assert.Equal("(pickle)", await Redis.RunAsync("hget", pickled, "envelope"));
        Assert.Equal("x", await Redis.RunAsync("get", text));
        Assert.Equal("1", await Redis.RunAsync("llen", list));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Set_of_due_times_that_got_lost_is_made_again_from_the_messages()
    {
        RedisStorageOptions place = fixture.NewPlace();
        var expected = new HashSet<QueueId>();
        await using (RedisStorage storage = await StartAsync(place))
        {
            for (int i = 0; i < 2500; i++)
                expected.Add((await StoreAsync(storage)).Envelope.Id);
        }

        await Redis.RunAsync("del", place.Prefix + "due");
        await using RedisStorage again = await StartAsync(place);
        Assert.Equal(2500, again.GetInfo().Items);
        var found = new HashSet<QueueId>();
        while (await again.ClaimDueAsync(1000, Lease, CancellationToken.None) is { Items: { Count: > 0 } items })
            Assert.All(items, item => Assert.True(found.Add(item.Entry.Id)));
        Assert.Equal(expected, found);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Prefixes_that_match_each_other_as_patterns_stay_apart()
    {
        RedisStorageOptions narrow = fixture.NewPlace() with { Prefix = "sl?mta*[a-z]:" }, other = narrow with { Prefix = "slimta-x:" };
        await using RedisStorage storage = await StartAsync(other);
        await StoreAsync(storage);
        await using RedisStorage globbed = await StartAsync(narrow);
        Assert.Equal(0, globbed.GetInfo().Items);
        Assert.Empty((await globbed.ClaimDueAsync(100, Lease, CancellationToken.None)).Items);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Message_whose_claimer_died_comes_back_without_a_restart()
    {
        // A notification that was popped by a process that died was found at the next restart only.
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage storage = await StartAsync(place);
        QueueItem item = await StoreAsync(storage);
        await using (RedisStorage dying = await StartAsync(place))
            Assert.Single((await dying.ClaimDueAsync(100, TimeSpan.FromMilliseconds(1), CancellationToken.None)).Items);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        ClaimResult claimed;
        do
            claimed = await storage.ClaimDueAsync(100, Lease, end.Token);
        while (claimed.Items.Count == 0);
        Assert.Equal(item.Envelope.Id, claimed.Items[0].Entry.Id);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Write_leaves_all_of_a_message_or_nothing()
    {
        // It wrote the hash first and the notification later. Here the second item's key is taken by something else.
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage storage = await StartAsync(place);
        QueueItem[] items = [Envelopes.MakeItem(Contents.InMemory()), Envelopes.MakeItem(Contents.InMemory())];
        await Redis.RunAsync("set", place.Prefix + items[1].Envelope.Id, "foreign");
        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync(items, CancellationToken.None));
        Assert.Equal(StorageFailure.Unavailable, failure.Failure);
        Assert.Null(await storage.ReadAsync(items[0].Envelope.Id, CancellationToken.None));
        Assert.Equal("0", await Redis.RunAsync("exists", place.Prefix + items[0].Envelope.Id, place.Prefix + "due"));
    }

    private static async Task<RedisStorage> StartAsync(RedisStorageOptions place)
    {
        RedisStorage storage = RedisFixture.Open(place);
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        return storage;
    }

    private static async Task<QueueItem> StoreAsync(RedisStorage storage)
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        await storage.WriteAsync([item], CancellationToken.None);
        item.Envelope.Content.Release();
        return item;
    }
}
