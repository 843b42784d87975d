using FsCheck.Xunit;
using SlimtaFast.Server.Bench;

namespace SlimtaFast.Server.Tests.Bench;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Empty_histogram_has_zero_quantiles()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(TimeSpan.Zero, histogram.Quantile(0.5));
        Assert.Equal(TimeSpan.Zero, histogram.Longest);
    }

    [Property]
    public bool Quantile_is_within_a_percent_of_the_exact_one(int[] microseconds, byte percent)
    {
        long[] values = [.. (microseconds ?? []).Select(v => Math.Abs((long)v))];
        if (values.Length == 0)
            return true;
        var histogram = new LatencyHistogram();
        foreach (long value in values)
            histogram.Record(TimeSpan.FromMicroseconds(value));
        Array.Sort(values);
        double fraction = percent % 101 / 100.0;
        long exact = values[Math.Max(0, (int)Math.Ceiling(fraction * values.Length) - 1)];
        double read = histogram.Quantile(fraction).TotalMicroseconds;
        return read >= exact && read <= (exact * 1.01) + 1 && histogram.Longest == TimeSpan.FromMicroseconds(values[^1]);
    }

    [Fact]
    public void Sum_of_histograms_counts_everything()
    {
        var one = new LatencyHistogram();
        var other = new LatencyHistogram();
        one.Record(TimeSpan.FromMilliseconds(1));
        other.Record(TimeSpan.FromMilliseconds(9));
        other.Record(TimeSpan.FromDays(1000));
        one.Add(other);
        Assert.Equal(3, one.Count);
        Assert.Equal(TimeSpan.FromDays(1000), one.Longest);
        Assert.InRange(one.Quantile(0.5).TotalMilliseconds, 9, 9.09);
    }
}
