using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;

namespace SlimtaFast.Queue.Administration;

/// <summary>An item that was looked for. Immutable.</summary>
/// <param name="Facts">Its slot, and where it was; no slot where this process does not have it.</param>
/// <param name="Item">The item without a reference to its content; null where it was not read.</param>
/// <param name="DueAt">Of one that this process does not have: when it is due.</param>
internal readonly record struct FoundItem(SlotFacts Facts, QueueItem? Item, DateTimeOffset DueAt = default)
{
    /// <summary>True for an item of a storage that processes share which this one does not have.</summary>
    public bool IsAbsent => Facts.Slot < 0;
}
