using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SlimtaFast.Mail;

/// <summary>CRC-32C (Castagnoli), the checksum of every record, head and content. Uses the processor's instruction where it has one.</summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Goes on with a checksum: <c>Append(Compute(a), b)</c> is <c>Compute(a + b)</c>. Start with 0.</summary>
    // Compiled at once: unoptimised code, which the first seconds of a process would run otherwise, takes more than ten times as long.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint state = ~crc;
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        nint at = 0;
        // Bounds: each read below stays inside the span, eight octets while eight are left, then one by one.
        for (nint end = bytes.Length - 8; at <= end; at += 8)
            state = BitOperations.Crc32C(state, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at)));
        for (; at < bytes.Length; at++)
            state = BitOperations.Crc32C(state, Unsafe.Add(ref start, at));
        return ~state;
    }
}
