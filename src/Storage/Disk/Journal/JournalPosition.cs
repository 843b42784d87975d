namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>Where the journal ends, for the next segment's header.</summary>
/// <param name="Generation">The last segment that has records; 0 for none.</param>
/// <param name="End">The offset behind its last batch that counts.</param>
/// <param name="LastSequence">The highest sequence that counts.</param>
/// <param name="HighestGeneration">The highest generation ever seen, which the next must exceed.</param>
/// <param name="HighestSequence">The highest sequence ever seen, which the next must exceed.</param>
internal readonly record struct JournalPosition(int Generation, long End, ulong LastSequence, int HighestGeneration, ulong HighestSequence);
