namespace SlimtaFast.Queue.Scheduling;

/// <summary>What became of the wish to take an item out of the scheduler. Immutable; whoever has one that was taken gives it back exactly once.</summary>
/// <param name="Facts">The item, and where it was.</param>
/// <param name="Verdict">Whether it was taken.</param>
internal readonly record struct TakenItem(SlotFacts Facts, TakeVerdict Verdict);
