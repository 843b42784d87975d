using System.Buffers.Binary;
using SlimtaFast.Mail;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Makes length, end mark and checksum of a block right, so that the fuzzer gets past them to what they protect.</summary>
internal static class BlockSeal
{
    private const int SmallestBlock = 14;

    /// <summary>A copy of the input as a block of that magic with nothing wrong in its frame.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> input, ReadOnlySpan<byte> magic)
    {
        byte[] block = new byte[Math.Max(input.Length, SmallestBlock)];
        input.CopyTo(block);
        magic.CopyTo(block);
        block[4] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(5), (uint)block.Length);
        block[^5] = 0xFF;
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(block.Length - 4), Crc32C.Compute(block.AsSpan(0, block.Length - 4)));
        return block;
    }
}
