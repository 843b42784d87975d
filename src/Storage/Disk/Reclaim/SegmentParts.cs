using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Journal;

namespace SlimtaFast.Storage.Disk.Reclaim;

/// <summary>Reads which parts a full segment has: from its index, or, where it could not be sealed, record by record.</summary>
internal static class SegmentParts
{
    /// <summary>The parts in the order of the records.</summary>
    public static List<JournalPart> Read(JournalSegment segment)
    {
        List<JournalPart> parts = [];
        SegmentFile file = segment.File;
        byte[] page = new byte[JournalLayout.PageSize];
        file.Reader.Read(file.Length - JournalLayout.TrailerSize, page);
        if (SegmentTrailer.TryRead(page, file.Length, out SegmentTrailer trailer) && trailer.Generation == (ulong)segment.Generation)
        {
            byte[] index = new byte[trailer.IndexLength];
            if (file.Reader.Read(trailer.End, index) == index.Length && SegmentIndexReader.TryRead(index, trailer, parts))
                return parts;
        }

        using var bytes = new AlignedBuffer((int)segment.End, JournalLayout.PageSize);
        int read = file.Reader.Read(0, bytes.Span);
        return SegmentScanner.Scan(bytes.Span[..read], (ulong)segment.Generation, segment.FirstSequence, 0, endIsKnown: true).Parts;
    }
}
