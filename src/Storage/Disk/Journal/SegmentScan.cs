namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>What reading a segment record by record brought to light.</summary>
internal sealed class SegmentScan
{
    /// <summary>What the index needs, in the order of the records.</summary>
    public List<JournalPart> Parts { get; } = [];

    /// <summary>Stretches of flushed data that are not what was written there.</summary>
    public List<(long Offset, long Length)> Damage { get; } = [];

    /// <summary>The offset behind the last batch that counts.</summary>
    public long End { get; set; } = JournalLayout.DataStart;

    /// <summary>The offset behind the last batch that a later one says was flushed.</summary>
    public long FlushedEnd { get; set; } = JournalLayout.DataStart;

    /// <summary>The highest sequence that counts; 0 where none does.</summary>
    public ulong LastSequence { get; set; }

    /// <summary>The highest sequence seen at all.</summary>
    public ulong HighestSequence { get; set; }

    /// <summary>True where something lies behind the end that was begun but never acknowledged.</summary>
    public bool IsTorn { get; set; }
}
