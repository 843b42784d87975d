namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>The fixed sizes and marks of the journal's files; docs/journal-format.md shows them byte by byte.</summary>
internal static class JournalLayout
{
    /// <summary>Everything written is a multiple of this at a multiple of this: what a write past the page cache needs.</summary>
    public const int PageSize = 4096;

    /// <summary>Where the page is that says up to which generation the file's records are dead.</summary>
    public const int FreedMarkerOffset = PageSize;

    /// <summary>Where the first batch begins.</summary>
    public const int DataStart = 2 * PageSize;

    /// <summary>Octets of the last page, which says where the segment's index is.</summary>
    public const int TrailerSize = PageSize;

    /// <summary>Octets of a batch's header.</summary>
    public const int BatchHeaderSize = 64;

    /// <summary>Octets of a record's header.</summary>
    public const int RecordHeaderSize = 40;

    /// <summary>Octets in front of each part of a record.</summary>
    public const int PartHeaderSize = 24;

    /// <summary>What a content part says of its content: length and checksum.</summary>
    public const int ContentPartSize = 8;

    /// <summary>Octets of one entry of a segment's index.</summary>
    public const int IndexEntrySize = 72;

    /// <summary>The version that all of these have.</summary>
    public const int FormatVersion = 1;

    /// <summary>How files of the journal end.</summary>
    public const string SegmentSuffix = ".seg";

    /// <summary>How files that are not yet part of the journal end.</summary>
    public const string UnfinishedSuffix = ".new";

    /// <summary>First octets of a segment in use.</summary>
    public static ReadOnlySpan<byte> SegmentMagic => "SFJSEGM\n"u8;

    /// <summary>First octets of the freed marker.</summary>
    public static ReadOnlySpan<byte> FreedMagic => "SFJFREE\n"u8;

    /// <summary>First octets of the trailer.</summary>
    public static ReadOnlySpan<byte> TrailerMagic => "SFJTAIL\n"u8;

    /// <summary>First octets of a batch.</summary>
    public static ReadOnlySpan<byte> BatchMagic => "SFJB"u8;

    /// <summary>First octets of a record.</summary>
    public static ReadOnlySpan<byte> RecordMagic => "SFJR"u8;

    /// <summary>Rounds up to a whole page.</summary>
    public static long ToPage(long octets) => (octets + PageSize - 1) & ~(PageSize - 1L);

    /// <summary>Rounds up to eight octets, at which records and contents start.</summary>
    public static int ToEight(int octets) => (octets + 7) & ~7;
}
