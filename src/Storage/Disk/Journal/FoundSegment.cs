namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>A segment file as recovery finds it.</summary>
internal sealed class FoundSegment
{
    /// <summary>The open file.</summary>
    public required SegmentFile File { get; init; }

    /// <summary>Its header; where that was damaged, what the batches tell.</summary>
    public SegmentHeader Header { get; set; }

    /// <summary>Up to which generation the file's records are dead.</summary>
    public ulong Freed { get; init; }

    /// <summary>Its trailer, if it has one of its generation.</summary>
    public SegmentTrailer? Trailer { get; init; }

    /// <summary>The highest generation that anything in its fixed pages names.</summary>
    public ulong HighestGeneration { get; init; }
}
