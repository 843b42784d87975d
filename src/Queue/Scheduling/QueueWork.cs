using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>One piece of work that the scheduler handed out. Immutable; whoever has it gives it back exactly once.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Slot">The item's slot.</param>
/// <param name="Id">The item.</param>
/// <param name="Hop">Its next hop.</param>
/// <param name="Epoch">The hop's epoch when the work began.</param>
/// <param name="Item">The item for an attempt, with a reference to its content; else null.</param>
internal readonly record struct QueueWork(WorkKind Kind, int Slot, QueueId Id, Hop Hop, int Epoch, QueueItem? Item);
