using System.Buffers.Binary;
using System.Text;

namespace SlimtaFast.Mail.Serialization;

/// <summary>Writes one block into a span that is large enough for it. See <see cref="BlockFormat"/> for the frame.</summary>
internal ref struct BlockWriter
{
    private const int LongestVarint = 5;

    private readonly Span<byte> _block;
    private int _at;

    /// <summary>Starts a block.</summary>
    public BlockWriter(Span<byte> destination, ReadOnlySpan<byte> magic)
    {
        _block = destination;
        magic.CopyTo(destination);
        destination[4] = BlockFormat.Version;
        _at = BlockFormat.PrefixLength;
    }

    /// <summary>The most octets that a text takes, its length included.</summary>
    public static int Bound(string? text) => LongestVarint + ((text?.Length ?? 0) * 3);

    /// <summary>Starts a section; the result goes to <see cref="EndSection"/>.</summary>
    public int BeginSection(byte tag)
    {
        _block[_at] = tag;
        _at += BlockFormat.SectionPrefixLength;
        return _at;
    }

    /// <summary>Ends a section by filling in its length.</summary>
    public readonly void EndSection(int start) =>
        BinaryPrimitives.WriteUInt32LittleEndian(_block[(start - 4)..], (uint)(_at - start));

    /// <summary>Ends the block and tells its length.</summary>
    public int EndBlock()
    {
        _block[_at++] = BlockFormat.EndMark;
        BinaryPrimitives.WriteUInt32LittleEndian(_block[5..], (uint)(_at + 4));
        WriteUInt32(Crc32C.Compute(_block[.._at]));
        return _at;
    }

    /// <summary>One octet.</summary>
    public void WriteByte(byte value) => _block[_at++] = value;

    /// <summary>Two octets.</summary>
    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_block[_at..], value);
        _at += 2;
    }

    /// <summary>Four octets.</summary>
    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_block[_at..], value);
        _at += 4;
    }

    /// <summary>Eight octets.</summary>
    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_block[_at..], value);
        _at += 8;
    }

    /// <summary>Sixteen octets, the most significant first, as the printed form has them.</summary>
    public void WriteId(QueueId id)
    {
        BinaryPrimitives.WriteUInt128BigEndian(_block[_at..], id.Value);
        _at += 16;
    }

    /// <summary>A point in time as 100 ns since 1970 UTC, eight octets.</summary>
    public void WriteTime(DateTimeOffset time) => WriteInt64(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks);

    /// <summary>A number in groups of seven bits, the lowest first, the top bit set on all but the last.</summary>
    public void WriteVarint(uint value)
    {
        for (; value >= 0x80; value >>= 7)
            _block[_at++] = (byte)(value | 0x80);
        _block[_at++] = (byte)value;
    }

    /// <summary>Octets without a length.</summary>
    public void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_block[_at..]);
        _at += bytes.Length;
    }

    /// <summary>Length and UTF-8 octets.</summary>
    public void WriteText(scoped ReadOnlySpan<char> text) => WriteText(text, 0);

    /// <summary>0 for null, else length plus one and UTF-8 octets.</summary>
    public void WriteOptionalText(string? text)
    {
        if (text is null)
            WriteByte(0);
        else
            WriteText(text, 1);
    }

    // Short texts, which nearly all are, are encoded in one pass behind the single octet that their length must fit into.
    private void WriteText(scoped ReadOnlySpan<char> text, int added)
    {
        if (text.Length <= 42)
        {
            int written = Encoding.UTF8.GetBytes(text, _block[(_at + 1)..]);
            _block[_at] = (byte)(written + added);
            _at += written + 1;
            return;
        }

        WriteVarint((uint)(Encoding.UTF8.GetByteCount(text) + added));
        _at += Encoding.UTF8.GetBytes(text, _block[_at..]);
    }
}
