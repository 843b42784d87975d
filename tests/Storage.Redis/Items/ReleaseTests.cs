using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Items;

/// <summary>What a process with another clock than the server's gives back.</summary>
public sealed class ReleaseTests(RedisFixture fixture) : IClassFixture<RedisFixture>
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    [FullTheory("redis-server", "redis-cli")]
    [InlineData(-60)]
    [InlineData(0)]
    [InlineData(60)]
    public async Task Item_waits_as_long_as_it_was_given_back_for(int minutesAhead)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(minutesAhead));
        await using var storage = new RedisStorage(fixture.NewPlace(), time);
        await storage.StartAsync(CancellationToken.None);
        QueueLease lease = await StoreAndClaimAsync(storage, Envelopes.Received);
        await storage.ReleaseAsync([new LeaseRelease(lease, time.GetUtcNow().AddMinutes(20))], CancellationToken.None);
        ClaimResult claimed = await storage.ClaimDueAsync(10, Lease, CancellationToken.None);
        Assert.Empty(claimed.Items);
        Assert.InRange(claimed.NextIn!.Value, TimeSpan.FromMinutes(18), TimeSpan.FromMinutes(20));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Own_time_of_an_item_is_what_it_was()
    {
        RedisStorageOptions place = fixture.NewPlace();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(-60));
        await using var storage = new RedisStorage(place, time);
        await storage.StartAsync(CancellationToken.None);
        DateTimeOffset due = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.AddHours(3).ToUnixTimeMilliseconds()).AddTicks(9999);
        foreach (DateTimeOffset own in new[] { due, DeliveryState.HeldUntil })
        {
            QueueLease lease = await StoreAndClaimAsync(storage, own);
            await storage.ReleaseAsync([new LeaseRelease(lease, own)], CancellationToken.None);
            string score = await fixture.Redis.RunAsync("zscore", place.Prefix + "due", lease.Id.ToString());
            Assert.Equal(own.ToUnixTimeMilliseconds(), long.Parse(score, CultureInfo.InvariantCulture));
        }
    }

    private static async Task<QueueLease> StoreAndClaimAsync(RedisStorage storage, DateTimeOffset due)
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        item = item with { State = item.State with { DueAt = due } };
        await storage.WriteAsync([item], CancellationToken.None);
        item.Envelope.Content.Release();
        return (await storage.ClaimAsync(item.Envelope.Id, Lease, CancellationToken.None))!.Value.Lease;
    }
}
