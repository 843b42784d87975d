namespace SlimtaFast.Queue.Scheduling;

/// <summary>What became of the wish to take an item out of the scheduler. Immutable; whoever has one that was taken gives it back exactly once.</summary>
/// <param name="Facts">The item, and where it was.</param>
/// <param name="Verdict">Whether it was taken.</param>
internal readonly record struct TakenItem(SlotFacts Facts, TakeVerdict Verdict)
{
    /// <summary>
    /// When the item is due in the storage from which it was claimed for this; null where it was in the scheduler's lists. Where nothing comes of it, it goes back to
    /// where it came from.
    /// </summary>
    public DateTimeOffset? DueAgain { get; init; }
}
