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

    /// <summary>
    /// The checksum of one run of octets behind another, from their checksums alone: <c>Combine(Compute(a), Compute(b), b.Length)</c> is
    /// <c>Compute(a + b)</c>. Takes time in the logarithm of the length.
    /// </summary>
    /// <param name="first">The checksum of the octets in front.</param>
    /// <param name="second">The checksum of those behind.</param>
    /// <param name="secondLength">How many octets those behind are.</param>
    public static uint Combine(uint first, uint second, long secondLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondLength);
        return Shift(first, secondLength) ^ second;
    }

    /// <summary>What a difference between two checksums becomes when so many equal octets follow on both sides.</summary>
    internal static uint Shift(uint crc, long octets)
    {
        // Octets that follow multiply by x^8 each, modulo the polynomial; bits are reflected, so x^0 is the highest.
        uint power = 1u << 31, square = 1u << 23;
        for (; octets > 0; octets >>= 1)
        {
            if ((octets & 1) != 0)
                power = Multiply(square, power);
            square = Multiply(square, square);
        }

        return Multiply(power, crc);
    }

    private static uint Multiply(uint a, uint b)
    {
        const uint Polynomial = 0x82F6_3B78;
        uint product = 0;
        for (; a != 0; a <<= 1)
        {
            if ((a & (1u << 31)) != 0)
                product ^= b;
            b = (b & 1) != 0 ? (b >> 1) ^ Polynomial : b >> 1;
        }

        return product;
    }
}
