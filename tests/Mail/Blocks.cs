using System.Buffers.Binary;

namespace SlimtaFast.Mail.Tests;

/// <summary>Changes blocks of the envelope format from outside, by what docs/envelope-format.md says, and makes their checksums right again.</summary>
internal static class Blocks
{
    private const int Prefix = 9;
    private const int Suffix = 5;

    public static byte[] WithOctet(byte[] block, int at, byte value)
    {
        byte[] changed = (byte[])block.Clone();
        changed[at] = value;
        return Seal(changed);
    }

    public static byte[] InsertSection(byte[] block, byte tag, ReadOnlySpan<byte> bytes) =>
        Build(block, [.. Sections(block), (tag, bytes.ToArray())]);

    public static byte[] RemoveSection(byte[] block, byte tag) =>
        Build(block, [.. Sections(block).Where(section => section.Tag != tag)]);

    public static byte[] ReplaceSection(byte[] block, byte tag, byte[] bytes) =>
        Build(block, [.. Sections(block).Select(section => section.Tag == tag ? (tag, bytes) : section)]);

    public static void WriteLength(byte[] block, uint length) => BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(5), length);

    private static IEnumerable<(byte Tag, byte[] Bytes)> Sections(byte[] block)
    {
        for (int at = Prefix; at < block.Length - Suffix;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(block.AsSpan(at + 1));
            yield return (block[at], block[(at + 5)..(at + 5 + length)]);
            at += 5 + length;
        }
    }

    private static byte[] Build(byte[] like, (byte Tag, byte[] Bytes)[] sections)
    {
        var block = new List<byte>(like[..Prefix]);
        foreach ((byte tag, byte[] bytes) in sections)
        {
            block.Add(tag);
            block.AddRange(BitConverter.GetBytes(bytes.Length));
            block.AddRange(bytes);
        }

        block.Add(0xFF);
        block.AddRange(new byte[4]);
        byte[] built = [.. block];
        WriteLength(built, (uint)built.Length);
        return Seal(built);
    }

    private static byte[] Seal(byte[] block)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(block.Length - 4), Crc32C.Compute(block.AsSpan(0, block.Length - 4)));
        return block;
    }
}
