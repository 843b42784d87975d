using System.Buffers.Binary;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// The second page of a segment: everything in the file of this generation or an older one is dead. It has a page of its own, so that a
/// header torn while the file is taken into use again cannot bring the old records back.
/// </summary>
internal static class FreedMarker
{
    private const int Size = 24;

    /// <summary>Fills a page.</summary>
    public static void Write(Span<byte> page, ulong generation)
    {
        page[..JournalLayout.PageSize].Clear();
        JournalLayout.FreedMagic.CopyTo(page);
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], JournalLayout.FormatVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(page[16..], generation);
        BinaryPrimitives.WriteUInt32LittleEndian(page[8..], Crc32C.Compute(page[12..Size]));
    }

    /// <summary>Reads a page; false unless it is a whole marker.</summary>
    public static bool TryRead(ReadOnlySpan<byte> page, out ulong generation)
    {
        generation = 0;
        if (page.Length < Size
            || !page.StartsWith(JournalLayout.FreedMagic)
            || BinaryPrimitives.ReadUInt32LittleEndian(page[8..]) != Crc32C.Compute(page[12..Size])
            || BinaryPrimitives.ReadInt32LittleEndian(page[12..]) != JournalLayout.FormatVersion)
        {
            return false;
        }

        generation = BinaryPrimitives.ReadUInt64LittleEndian(page[16..]);
        return true;
    }
}
