namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>What recovery hands to the running journal.</summary>
/// <param name="Position">Where it goes on.</param>
/// <param name="FreeFiles">Files of which nothing is needed.</param>
/// <param name="Unsealed">Segments that still lack their index.</param>
/// <param name="FileCount">Files in all.</param>
internal sealed record RecoveredJournal(
    JournalPosition Position,
    IReadOnlyList<SegmentFile> FreeFiles,
    IReadOnlyList<JournalSegment> Unsealed,
    int FileCount);
