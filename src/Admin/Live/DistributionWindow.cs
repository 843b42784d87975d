namespace SlimtaFast.Admin.Live;

/// <summary>What a histogram was told in the last minute: it remembers what the histogram had counted every few seconds. Not thread-safe.</summary>
/// <param name="histogram">The histogram.</param>
/// <param name="unit">What its values are divided by.</param>
internal sealed class DistributionWindow(LiveHistogram histogram, double unit)
{
    private const int Steps = 12;

    private readonly long[][] _counts = [.. Enumerable.Range(0, Steps).Select(static _ => new long[LiveHistogram.Buckets])];
    private readonly long[] _sums = new long[Steps];
    private readonly long[] _now = new long[LiveHistogram.Buckets];
    private int _oldest;

    /// <summary>A step of the window is over.</summary>
    public void Step()
    {
        histogram.CopyTo(_counts[_oldest]);
        _sums[_oldest] = histogram.Sum;
        _oldest = (_oldest + 1) % Steps;
    }

    /// <summary>What was recorded within the window; null where nothing was.</summary>
    public LiveDistribution? Read()
    {
        histogram.CopyTo(_now);
        long sum = histogram.Sum - _sums[_oldest];
        long count = 0;
        for (int i = 0; i < _now.Length; i++)
            count += _now[i] -= _counts[_oldest][i];
        return count == 0 ? null : new LiveDistribution(count, Math.Max(0, sum) / unit / count, Find(count, 0.5), Find(count, 0.95), Find(count, 0.99));
    }

    private double Find(long count, double part)
    {
        long left = (long)Math.Ceiling(count * part);
        int bucket = 0;
        while ((left -= _now[bucket]) > 0)
            bucket++;
        return LiveHistogram.FindTop(bucket) / unit;
    }
}
