namespace SlimtaFast.Storage;

/// <summary>How far a <see cref="QueueCopy"/> is. Immutable.</summary>
/// <param name="Stage">What it is doing.</param>
/// <param name="Done">Items that this stage is done with.</param>
/// <param name="Total">Items in all; while they are listed, those found so far.</param>
public readonly record struct QueueCopyProgress(QueueCopyStage Stage, long Done, long Total);
