using System.Buffers.Binary;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>The last page of a sealed segment: where its records end and where its index is.</summary>
/// <param name="Generation">The use of the file that was sealed.</param>
/// <param name="End">The offset behind the last batch that counts.</param>
/// <param name="LastSequence">The highest sequence in it.</param>
/// <param name="IndexLength">Octets of the index, which starts at <paramref name="End"/>.</param>
/// <param name="IndexCrc">CRC-32C of the index.</param>
/// <param name="Entries">Entries of the index.</param>
internal readonly record struct SegmentTrailer(ulong Generation, long End, ulong LastSequence, int IndexLength, uint IndexCrc, int Entries)
{
    private const int Size = 56;

    /// <summary>Fills a page.</summary>
    public void Write(Span<byte> page)
    {
        page[..JournalLayout.PageSize].Clear();
        JournalLayout.TrailerMagic.CopyTo(page);
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], JournalLayout.FormatVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(page[16..], Generation);
        BinaryPrimitives.WriteInt64LittleEndian(page[24..], End);
        BinaryPrimitives.WriteUInt64LittleEndian(page[32..], LastSequence);
        BinaryPrimitives.WriteInt32LittleEndian(page[40..], IndexLength);
        BinaryPrimitives.WriteUInt32LittleEndian(page[44..], IndexCrc);
        BinaryPrimitives.WriteInt32LittleEndian(page[48..], Entries);
        BinaryPrimitives.WriteUInt32LittleEndian(page[8..], Crc32C.Compute(page[12..Size]));
    }

    /// <summary>Reads a page; false unless it is a whole trailer of a known version whose figures fit a file of <paramref name="fileLength"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> page, long fileLength, out SegmentTrailer trailer)
    {
        trailer = default;
        if (page.Length < Size
            || !page.StartsWith(JournalLayout.TrailerMagic)
            || BinaryPrimitives.ReadUInt32LittleEndian(page[8..]) != Crc32C.Compute(page[12..Size])
            || BinaryPrimitives.ReadInt32LittleEndian(page[12..]) != JournalLayout.FormatVersion)
        {
            return false;
        }

        trailer = new SegmentTrailer(
            BinaryPrimitives.ReadUInt64LittleEndian(page[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(page[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(page[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(page[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(page[44..]),
            BinaryPrimitives.ReadInt32LittleEndian(page[48..]));
        return trailer.End >= JournalLayout.DataStart
            && trailer.IndexLength >= 0
            && trailer.Entries >= 0
            && trailer.End + trailer.IndexLength <= fileLength - JournalLayout.TrailerSize
            && (long)trailer.Entries * JournalLayout.IndexEntrySize <= trailer.IndexLength;
    }
}
