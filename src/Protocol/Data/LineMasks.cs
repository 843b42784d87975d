using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SlimtaFast.Protocol.Data;

/// <summary>
/// What stands where in 64 octets, one bit an octet, the first octet in the lowest bit. <see cref="High"/> and <see cref="Nul"/> only
/// say whether there is any.
/// </summary>
internal readonly struct LineMasks
{
    /// <summary>Octets of a block.</summary>
    public const int Width = 64;

    private LineMasks(ulong cr, ulong lf, ulong dot, uint high, uint nul)
    {
        Cr = cr;
        Lf = lf;
        Dot = dot;
        High = high;
        Nul = nul;
    }

    /// <summary>Carriage returns.</summary>
    public ulong Cr { get; }

    /// <summary>Line feeds.</summary>
    public ulong Lf { get; }

    /// <summary>Dots.</summary>
    public ulong Dot { get; }

    /// <summary>Not zero where an octet is above 127.</summary>
    public uint High { get; }

    /// <summary>Not zero where an octet is zero.</summary>
    public uint Nul { get; }

    /// <summary>Looks at the 64 octets at the start of <paramref name="block"/>, which must have so many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LineMasks Of(ReadOnlySpan<byte> block)
    {
        ref byte start = ref MemoryMarshal.GetReference(block[..Width]);
        return Vector256.IsHardwareAccelerated ? Of256(ref start) : Of128(ref start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LineMasks Of256(ref byte start)
    {
        Vector256<byte> a = Vector256.LoadUnsafe(ref start), b = Vector256.LoadUnsafe(ref start, 32);
        return new LineMasks(
            Find(a, b, (byte)'\r'),
            Find(a, b, (byte)'\n'),
            Find(a, b, (byte)'.'),
            (a | b).ExtractMostSignificantBits(),
            Vector256.Equals(Vector256.Min(a, b), Vector256<byte>.Zero).ExtractMostSignificantBits());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Find(Vector256<byte> a, Vector256<byte> b, byte value)
    {
        Vector256<byte> wanted = Vector256.Create(value);
        return Vector256.Equals(a, wanted).ExtractMostSignificantBits() | ((ulong)Vector256.Equals(b, wanted).ExtractMostSignificantBits() << 32);
    }

    // Every platform has 128-bit vectors, by processor or by the runtime's own emulation.
    private static LineMasks Of128(ref byte start)
    {
        ulong cr = 0, lf = 0, dot = 0;
        uint high = 0, nul = 0;
        for (int i = 0; i < Width; i += Vector128<byte>.Count)
        {
            Vector128<byte> v = Vector128.LoadUnsafe(ref start, (nuint)i);
            cr |= (ulong)Vector128.Equals(v, Vector128.Create((byte)'\r')).ExtractMostSignificantBits() << i;
            lf |= (ulong)Vector128.Equals(v, Vector128.Create((byte)'\n')).ExtractMostSignificantBits() << i;
            dot |= (ulong)Vector128.Equals(v, Vector128.Create((byte)'.')).ExtractMostSignificantBits() << i;
            high |= v.ExtractMostSignificantBits();
            nul |= Vector128.Equals(v, Vector128<byte>.Zero).ExtractMostSignificantBits();
        }

        return new LineMasks(cr, lf, dot, high, nul);
    }
}
