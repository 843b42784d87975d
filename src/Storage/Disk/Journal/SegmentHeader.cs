using System.Buffers.Binary;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// The first page of a segment in use. It also says where the segment before it ends, so that whatever lies beyond there, the leavings
/// of a flush that failed, is ignored for ever.
/// </summary>
/// <param name="Generation">Number of this use of the file; no two uses of any file share one, and later ones are higher.</param>
/// <param name="FirstSequence">Sequence of its first record.</param>
/// <param name="PreviousGeneration">The segment written before it; 0 for none.</param>
/// <param name="PreviousEnd">The offset behind that one's last batch that counts.</param>
/// <param name="PreviousSequence">The highest sequence known flushed when this one was begun.</param>
/// <param name="SegmentBytes">Octets of the file.</param>
internal readonly record struct SegmentHeader(
    ulong Generation,
    ulong FirstSequence,
    ulong PreviousGeneration,
    long PreviousEnd,
    ulong PreviousSequence,
    long SegmentBytes)
{
    private const int Size = 64;

    /// <summary>Fills a page.</summary>
    public void Write(Span<byte> page)
    {
        page[..JournalLayout.PageSize].Clear();
        JournalLayout.SegmentMagic.CopyTo(page);
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], JournalLayout.FormatVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(page[16..], Generation);
        BinaryPrimitives.WriteUInt64LittleEndian(page[24..], FirstSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(page[32..], PreviousGeneration);
        BinaryPrimitives.WriteInt64LittleEndian(page[40..], PreviousEnd);
        BinaryPrimitives.WriteUInt64LittleEndian(page[48..], PreviousSequence);
        BinaryPrimitives.WriteInt64LittleEndian(page[56..], SegmentBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(page[8..], Crc32C.Compute(page[12..Size]));
    }

    /// <summary>Reads a page; false unless it is a whole header of a known version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> page, out SegmentHeader header)
    {
        header = default;
        if (page.Length < Size
            || !page.StartsWith(JournalLayout.SegmentMagic)
            || BinaryPrimitives.ReadUInt32LittleEndian(page[8..]) != Crc32C.Compute(page[12..Size])
            || BinaryPrimitives.ReadInt32LittleEndian(page[12..]) != JournalLayout.FormatVersion)
        {
            return false;
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(page[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(page[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(page[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(page[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(page[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(page[56..]));
        return header.Generation is > 0 and <= int.MaxValue;
    }
}
