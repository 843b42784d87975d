namespace SlimtaFast.Storage;

/// <summary>Some of the items of a storage. Immutable.</summary>
/// <param name="Entries">The items.</param>
/// <param name="Next">Where the next page begins; null where there is none. A page may be short or empty and have another behind it.</param>
public sealed record QueueEntryPage(IReadOnlyList<QueueEntry> Entries, string? Next);
