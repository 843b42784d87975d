namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// One use of a segment file. The journal thread writes it; what counts what is needed of it (<see cref="Live"/>, <see cref="Pins"/>,
/// <see cref="ClosedIn"/>, <see cref="Phase"/>) is guarded by the lock of the <see cref="StorageIndex"/>.
/// </summary>
internal sealed class JournalSegment
{
    /// <summary>Starts the use of a file.</summary>
    public JournalSegment(SegmentFile file, int generation, ulong firstSequence, int previousGeneration)
    {
        File = file;
        Generation = generation;
        FirstSequence = firstSequence;
        PreviousGeneration = previousGeneration;
    }

    /// <summary>The file.</summary>
    public SegmentFile File { get; }

    /// <summary>Number of this use.</summary>
    public int Generation { get; }

    /// <summary>Sequence of its first record.</summary>
    public ulong FirstSequence { get; }

    /// <summary>The segment written before it, whose end its header tells; 0 for none.</summary>
    public int PreviousGeneration { get; }

    /// <summary>The offset behind the last flushed batch.</summary>
    public long End { get; set; } = JournalLayout.DataStart;

    /// <summary>The last flushed sequence in it or before it.</summary>
    public ulong LastSequence { get; set; }

    /// <summary>Its index while it is not sealed.</summary>
    public SegmentIndexBuilder? Index { get; set; }

    /// <summary>Where it stands.</summary>
    public SegmentPhase Phase { get; set; }

    /// <summary>When it got its last record, on the system's tick count in milliseconds.</summary>
    public long RetiredAt { get; set; }

    /// <summary>Parts in it that recovery would need.</summary>
    public int Live { get; set; }

    /// <summary>Octets of the records of live heads and states, approximately.</summary>
    public long LiveBytes { get; set; }

    /// <summary>Readers that hold it.</summary>
    public int Pins { get; set; }

    /// <summary>How many closings of items whose heads are here stand in which other segment: they count as live as long as this one does.</summary>
    public Dictionary<int, int> ClosedIn { get; } = [];
}
