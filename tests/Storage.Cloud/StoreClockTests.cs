using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Storage.Cloud.Schedule;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>Leases go by the store's clock, whatever is done to ours.</summary>
public sealed class StoreClockTests
{
    private readonly FakeTimeProvider _store = new(Envelopes.Received);

    [Fact]
    public async Task Clock_that_is_set_while_we_run_changes_no_lease()
    {
        var bucket = new MemoryBucket { Time = _store };
        var ours = new SettableTime(_store);
        var clock = new StoreClock(ours, NullLogger.Instance);
        await clock.SetAsync(bucket.Open(), "a", CancellationToken.None);
        Assert.Equal(_store.GetUtcNow().ToUnixTimeMilliseconds(), clock.Now);
        ours.SetBy = TimeSpan.FromMinutes(10);
        _store.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(_store.GetUtcNow().ToUnixTimeMilliseconds(), clock.Now);
        await clock.EnsureAsync(bucket.Open(), "a", CancellationToken.None);
        Assert.Equal(_store.GetUtcNow().ToUnixTimeMilliseconds(), clock.Now);
        Assert.Empty(bucket.Names);
    }

    [Fact]
    public async Task Clock_that_stood_still_is_put_right_before_it_is_relied_on()
    {
        var bucket = new MemoryBucket { Time = _store };
        var ours = new SettableTime(_store);
        var clock = new StoreClock(ours, NullLogger.Instance);
        await clock.SetAsync(bucket.Open(), "a", CancellationToken.None);
        ours.StoodStill = TimeSpan.FromMinutes(5);
        _store.Advance(TimeSpan.FromMinutes(5));
        await clock.EnsureAsync(bucket.Open(), "a", CancellationToken.None);
        Assert.Equal(_store.GetUtcNow().ToUnixTimeMilliseconds(), clock.Now);
    }

    /// <summary>A clock that somebody sets, and whose machine may be stopped for a time.</summary>
    private sealed class SettableTime(FakeTimeProvider real) : TimeProvider
    {
        public TimeSpan SetBy { get; set; }

        public TimeSpan StoodStill { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => real.GetUtcNow() + SetBy;

        public override long GetTimestamp() => (real.GetUtcNow() - StoodStill).Ticks;
    }
}
