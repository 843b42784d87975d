using System.Numerics;

namespace SlimtaFast.Server.Bench;

/// <summary>
/// Counts durations in buckets whose width is under one percent of their value, so that memory does not grow with the number of
/// messages. Not thread-safe; each connection has one and they are added up at the end.
/// </summary>
internal sealed class LatencyHistogram
{
    // Values are microseconds: 128 exact ones, then 128 buckets for each power of two up to 2^41 (about 25 days).
    private const int LinearBits = 7;
    private const int Linear = 1 << LinearBits;
    private const int Powers = 35;

    private readonly long[] _buckets = new long[Linear * (Powers + 1)];

    /// <summary>Durations counted.</summary>
    public long Count { get; private set; }

    /// <summary>The longest one, exactly.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>Counts a duration; negative ones count as zero.</summary>
    public void Record(TimeSpan duration)
    {
        long microseconds = Math.Max(0, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        _buckets[Bucket(microseconds)]++;
        Count++;
        if (duration > Longest)
            Longest = duration;
    }

    /// <summary>Adds another histogram's counts.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _buckets.Length; i++)
            _buckets[i] += other._buckets[i];
        Count += other.Count;
        if (other.Longest > Longest)
            Longest = other.Longest;
    }

    /// <summary>The duration that a fraction of all (0 to 1) do not exceed; zero where nothing was counted.</summary>
    public TimeSpan Quantile(double fraction)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(fraction * Count));
        long seen = 0;
        for (int i = 0; i < _buckets.Length && Count > 0; i++)
        {
            seen += _buckets[i];
            if (seen >= rank)
                return Min(TimeSpan.FromMicroseconds(UpperEdge(i)), Longest);
        }

        return TimeSpan.Zero;
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private static int Bucket(long value)
    {
        if (value < Linear)
            return (int)value;
        int power = Math.Min(BitOperations.Log2((ulong)value) - LinearBits, Powers - 1);
        int within = (int)Math.Min((value >> power) - Linear, Linear - 1);
        return Linear + (power * Linear) + within;
    }

    private static long UpperEdge(int bucket)
    {
        if (bucket < Linear)
            return bucket;
        int power = (bucket - Linear) / Linear;
        int within = (bucket - Linear) % Linear;
        return ((long)(Linear + within + 1) << power) - 1;
    }
}
