using SlimtaFast.Edge.Limits;

namespace SlimtaFast.Edge.Tests.Limits;

public sealed class TokenBucketTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Burst_of_a_whole_period_is_let_through_and_then_the_rate()
    {
        var bucket = default(TokenBucket);
        Assert.Equal(10, Take(ref bucket, 10, 100, TimeSpan.Zero));
        Assert.Equal(0, Take(ref bucket, 10, 1, TimeSpan.FromSeconds(5.9)));
        Assert.Equal(1, Take(ref bucket, 10, 100, TimeSpan.FromSeconds(6)));
        Assert.Equal(5, Take(ref bucket, 10, 100, TimeSpan.FromSeconds(36)));
    }

    [Fact]
    public void Credit_never_exceeds_one_period()
    {
        var bucket = default(TokenBucket);
        Take(ref bucket, 10, 10, TimeSpan.Zero);
        Assert.Equal(10, Take(ref bucket, 10, 100, TimeSpan.FromDays(30)));
    }

    [Fact]
    public void No_limit_is_no_limit()
    {
        var bucket = default(TokenBucket);
        Assert.Equal(1000, Take(ref bucket, 0, 1000, TimeSpan.Zero));
    }

    private static int Take(ref TokenBucket bucket, int most, int times, TimeSpan now)
    {
        int taken = 0;
        for (int i = 0; i < times; i++)
            taken += bucket.TryTake(most, Minute, now) ? 1 : 0;
        return taken;
    }
}
