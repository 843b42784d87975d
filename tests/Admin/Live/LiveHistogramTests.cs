using FsCheck.Xunit;
using SlimtaFast.Admin.Live;

namespace SlimtaFast.Admin.Tests.Live;

public class LiveHistogramTests
{
    [Property]
    public void Value_is_in_its_bucket_and_told_at_most_an_eighth_too_high(long any)
    {
        long value = any & long.MaxValue;
        int bucket = LiveHistogram.FindBucket(value);
        long top = LiveHistogram.FindTop(bucket);
        Assert.InRange(bucket, 0, LiveHistogram.Buckets - 1);
        Assert.InRange(top, value, (long)Math.Min(long.MaxValue, value + (value / 8m)));
        Assert.True(bucket == 0 || LiveHistogram.FindTop(bucket - 1) < value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(long.MaxValue)]
    public void Ends_are_in_buckets(long value) => Value_is_in_its_bucket_and_told_at_most_an_eighth_too_high(value);

    [Fact]
    public void What_is_below_zero_counts_as_zero()
    {
        var histogram = new LiveHistogram();
        histogram.Record(-5);
        var counts = new long[LiveHistogram.Buckets];
        histogram.CopyTo(counts);
        Assert.Equal((1, 0), (counts[0], histogram.Sum));
    }
}
