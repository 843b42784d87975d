using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;

namespace SlimtaFast.Queue.Administration;

/// <summary>An item that was looked for. Immutable.</summary>
/// <param name="Facts">Its slot, and where it was.</param>
/// <param name="Item">The item without a reference to its content; null where it was not read.</param>
internal readonly record struct FoundItem(SlotFacts Facts, QueueItem? Item);
