using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace SlimtaFast.Mail.Serialization;

/// <summary>
/// Reads a block, or the inside of one of its sections. Nothing throws: the first thing that does not fit sets <see cref="Failed"/>,
/// and all further reads give empty values. No length is believed before that many octets are known to be there.
/// </summary>
internal ref struct BlockReader
{
    private ReadOnlySpan<byte> _rest;

    private BlockReader(ReadOnlySpan<byte> rest) => _rest = rest;

    /// <summary>True once something did not fit.</summary>
    public bool Failed { get; private set; }

    /// <summary>Octets not yet read.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>True where everything was read and all of it fitted.</summary>
    public readonly bool IsDone => !Failed && _rest.IsEmpty;

    /// <summary>
    /// Checks frame and checksum and gives a reader for the sections. False where the octets are not exactly one whole, intact block
    /// of that magic and a known version.
    /// </summary>
    public static bool TryOpen(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> magic, out BlockReader sections)
    {
        sections = default;
        if (bytes.Length is < BlockFormat.PrefixLength + BlockFormat.SuffixLength or > BlockFormat.LongestBlock)
            return false;
        if (!bytes.StartsWith(magic) || bytes[4] != BlockFormat.Version || bytes[^5] != BlockFormat.EndMark)
            return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[5..]) != (uint)bytes.Length)
            return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) != Crc32C.Compute(bytes[..^4]))
            return false;
        sections = new BlockReader(bytes[BlockFormat.PrefixLength..^BlockFormat.SuffixLength]);
        return true;
    }

    /// <summary>
    /// Goes on to the next section. False at the end of the block, or where a section does not fit in it or comes out of order, which
    /// also sets <see cref="Failed"/>.
    /// </summary>
    /// <param name="tag">The tag of the section before, 0 at first; then the tag of this one.</param>
    /// <param name="section">A reader for the inside of the section.</param>
    public bool TryReadSection(ref byte tag, out BlockReader section)
    {
        section = default;
        if (_rest.IsEmpty || Failed)
            return false;
        byte next = ReadByte();
        uint length = ReadUInt32();
        if (next <= tag || next == BlockFormat.EndMark || length > (uint)_rest.Length)
        {
            Fail();
            return false;
        }

        section = new BlockReader(_rest[..(int)length]);
        _rest = _rest[(int)length..];
        tag = next;
        return true;
    }

    /// <summary>One octet.</summary>
    public byte ReadByte()
    {
        ReadOnlySpan<byte> bytes = Take(1);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    /// <summary>One octet that may not be above <paramref name="highest"/>.</summary>
    public byte ReadByte(byte highest)
    {
        byte value = ReadByte();
        if (value > highest)
            Fail();
        return value;
    }

    /// <summary>Two octets.</summary>
    public ushort ReadUInt16()
    {
        ReadOnlySpan<byte> bytes = Take(2);
        return bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    /// <summary>Four octets.</summary>
    public uint ReadUInt32()
    {
        ReadOnlySpan<byte> bytes = Take(4);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Eight octets.</summary>
    public long ReadInt64()
    {
        ReadOnlySpan<byte> bytes = Take(8);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>Sixteen octets, the most significant first.</summary>
    public QueueId ReadId()
    {
        ReadOnlySpan<byte> bytes = Take(16);
        return bytes.IsEmpty ? default : new QueueId(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>A point in time as 100 ns since 1970 UTC.</summary>
    public DateTimeOffset ReadTime()
    {
        long ticks = ReadInt64();
        if (ticks < -DateTimeOffset.UnixEpoch.Ticks || ticks > DateTimeOffset.MaxValue.Ticks - DateTimeOffset.UnixEpoch.Ticks)
        {
            Fail();
            return default;
        }

        return new DateTimeOffset(ticks + DateTimeOffset.UnixEpoch.Ticks, TimeSpan.Zero);
    }

    /// <summary>A number in groups of seven bits, at most <see cref="int.MaxValue"/>, in its shortest form.</summary>
    public int ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte group = ReadByte();
            value |= (ulong)(group & 0x7F) << shift;
            if (group >= 0x80)
                continue;
            if (value > int.MaxValue || (group == 0 && shift > 0))
                break;
            return (int)value;
        }

        Fail();
        return 0;
    }

    /// <summary>A number in groups of seven bits that fits 16 bits.</summary>
    public ushort ReadVarint16()
    {
        int value = ReadVarint();
        if (value <= ushort.MaxValue)
            return (ushort)value;
        Fail();
        return 0;
    }

    /// <summary>How many entries follow, of which each takes at least <paramref name="smallest"/> octets.</summary>
    public int ReadCount(int smallest)
    {
        int count = ReadVarint();
        if (count <= _rest.Length / smallest)
            return count;
        Fail();
        return 0;
    }

    /// <summary>All octets that are left.</summary>
    public ReadOnlySpan<byte> ReadRest() => Take(_rest.Length);

    /// <summary>That many octets; fewer only where there are not so many, which is a failure.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count) => Take(count);

    /// <summary>Length and UTF-8 octets, not decoded.</summary>
    public ReadOnlySpan<byte> ReadTextBytes() => Take(ReadVarint());

    /// <summary>Length and UTF-8 octets.</summary>
    public string ReadText() => Decode(ReadTextBytes());

    /// <summary>0 for null, else length plus one and UTF-8 octets.</summary>
    public string? ReadOptionalText()
    {
        int length = ReadVarint();
        return length == 0 ? null : Decode(Take(length - 1));
    }

    /// <summary>Marks the input as unusable.</summary>
    public void Fail()
    {
        Failed = true;
        _rest = default;
    }

    private string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        Fail();
        return "";
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length)
        {
            Fail();
            return default;
        }

        ReadOnlySpan<byte> bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }
}
