using System.Runtime.InteropServices;

namespace SlimtaFast.Admin.Live;

/// <summary>A sum that many threads add to; it has a cache line of its own. Thread-safe.</summary>
[StructLayout(LayoutKind.Sequential, Size = 2 * 64)]
internal sealed class LiveCounter
{
    private long _sum;

    /// <summary>The sum so far.</summary>
    public long Sum => Volatile.Read(ref _sum);

    /// <summary>Adds to it.</summary>
    public void Add(long value) => Interlocked.Add(ref _sum, value);
}
