namespace SlimtaFast.Storage;

/// <summary>What came of a <see cref="QueueCopy"/>. Immutable.</summary>
/// <param name="Items">Items that the source had.</param>
/// <param name="Present">Those of them that the target had already.</param>
/// <param name="Removed">Those that were removed from the source.</param>
/// <param name="Differences">One line for each item that is not the same in both; nothing was removed where there is any.</param>
public sealed record QueueCopyResult(long Items, long Present, long Removed, IReadOnlyList<string> Differences);
