using System.Numerics;

namespace SlimtaFast.Admin.Live;

/// <summary>
/// Counts values in buckets, eight to each power of two, so that what is read from them is at most an eighth too high. Recording is two interlocked additions.
/// Thread-safe.
/// </summary>
internal sealed class LiveHistogram
{
    private const int BucketBits = 3;
    private const int Half = 1 << BucketBits;

    /// <summary>How many buckets there are.</summary>
    public const int Buckets = (64 - BucketBits) * Half;

    private readonly long[] _counts = new long[Buckets];
    private long _sum;

    /// <summary>The sum of all values.</summary>
    public long Sum => Volatile.Read(ref _sum);

    /// <summary>Counts a value; one below zero, as clocks that are set bring about, counts as zero.</summary>
    public void Record(long value)
    {
        value = Math.Max(0, value);
        Interlocked.Increment(ref _counts[FindBucket(value)]);
        Interlocked.Add(ref _sum, value);
    }

    /// <summary>Copies the counts of all buckets.</summary>
    public void CopyTo(Span<long> counts)
    {
        for (int i = 0; i < Buckets; i++)
            counts[i] = Volatile.Read(ref _counts[i]);
    }

    /// <summary>The bucket of a value: values below eight have one each.</summary>
    public static int FindBucket(long value)
    {
        if (value < Half)
            return (int)value;
        int power = BitOperations.Log2((ulong)value);
        return ((power - BucketBits + 1) << BucketBits) + (int)((value >> (power - BucketBits)) & (Half - 1));
    }

    /// <summary>The largest value of a bucket.</summary>
    public static long FindTop(int bucket)
    {
        if (bucket < Half)
            return bucket;
        int shift = (bucket >> BucketBits) - 1;
        long first = (long)(Half + (bucket & (Half - 1))) << shift;
        return first + ((1L << shift) - 1);
    }
}
