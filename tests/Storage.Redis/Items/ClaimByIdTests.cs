using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Items;

/// <summary>Claims by id where the set of due times got lost, and what a rebuild makes of items that are held.</summary>
public sealed class ClaimByIdTests(RedisFixture fixture) : IClassFixture<RedisFixture>
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    [FullFact("redis-server", "redis-cli")]
    public async Task Item_is_claimed_by_its_id_where_the_set_of_due_times_is_lost_and_stands_in_it_then()
    {
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage storage = await StartAsync(place);
        QueueItem free = await StoreAsync(storage, DateTimeOffset.UtcNow.AddHours(1), lease: false), leased = await StoreAsync(storage, DateTimeOffset.UtcNow, lease: true);
        await fixture.Redis.RunAsync("del", place.Prefix + "due");
        ClaimedItem claimed = (await storage.ClaimAsync(free.Envelope.Id, Long, CancellationToken.None))!.Value;
        Assert.Equal("1", await fixture.Redis.RunAsync("zcard", place.Prefix + "due"));
        Assert.Empty((await storage.RenewAsync([claimed.Lease], Long, CancellationToken.None)).Lost);

        // Its holder may be attempting it.
        Assert.Null(await storage.ClaimAsync(leased.Envelope.Id, Long, CancellationToken.None));
        Assert.True(await storage.RemoveAsync(new QueueLease(leased.Envelope.Id, QueueLease.First), CancellationToken.None));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Held_item_is_held_after_the_set_of_due_times_was_rebuilt()
    {
        RedisStorageOptions place = fixture.NewPlace();
        QueueItem item;
        DeliveryState held;
        await using (RedisStorage storage = await StartAsync(place))
        {
            item = await StoreAsync(storage, DateTimeOffset.UtcNow, lease: true);
            held = item.State with { Version = 1, DueAt = DeliveryState.HeldUntil.AddTicks(1) };
            Assert.True(await storage.UpdateAsync(new QueueLease(item.Envelope.Id, QueueLease.First), held, [], Long, CancellationToken.None));
        }

        await fixture.Redis.RunAsync("del", place.Prefix + "due");
        await using RedisStorage again = await StartAsync(place);
        Assert.Equal("1", await fixture.Redis.RunAsync("zcard", place.Prefix + "due"));
        Assert.Empty((await again.ClaimDueAsync(100, Long, CancellationToken.None)).Items);
        ClaimedItem claimed = (await again.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None))!.Value;
        Assert.Equal(held.DueAt, claimed.Entry.DueAt);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Item_that_somebody_holds_is_still_his_after_the_set_of_due_times_was_rebuilt()
    {
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage storage = await StartAsync(place);
        QueueItem item = await StoreAsync(storage, Envelopes.Received, lease: true);
        QueueLease lease = new(item.Envelope.Id, QueueLease.First);
        await fixture.Redis.RunAsync("del", place.Prefix + "due");
        await using RedisStorage another = await StartAsync(place);
        Assert.Empty((await another.ClaimDueAsync(100, Long, CancellationToken.None)).Items);
        Assert.Null(await another.ClaimAsync(item.Envelope.Id, Long, CancellationToken.None));

        // His renewal puts the end of the lease right.
        Assert.Empty((await storage.RenewAsync([lease], TimeSpan.FromHours(1), CancellationToken.None)).Lost);
        Assert.InRange((await another.ClaimDueAsync(100, Long, CancellationToken.None)).NextIn!.Value, TimeSpan.FromMinutes(55), TimeSpan.FromHours(1));
        Assert.True(await storage.UpdateAsync(lease, item.State with { Version = 1, Attempts = 1 }, [], Long, CancellationToken.None));
        Assert.Equal(item.Envelope.Id, Assert.Single((await another.ClaimDueAsync(100, Long, CancellationToken.None)).Items).Entry.Id);
    }

    private static async Task<RedisStorage> StartAsync(RedisStorageOptions place)
    {
        RedisStorage storage = RedisFixture.Open(place);
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        return storage;
    }

    private static async Task<QueueItem> StoreAsync(RedisStorage storage, DateTimeOffset due, bool lease)
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        item = item with { State = item.State with { DueAt = due } };
        await storage.WriteAsync([item], lease ? Long : TimeSpan.Zero, CancellationToken.None);
        item.Envelope.Content.Release();
        return item;
    }
}
