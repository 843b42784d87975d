using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>An item of a shared storage that this process cannot do anything for at present. Immutable.</summary>
/// <param name="Id">The item.</param>
/// <param name="DueAt">When somebody should look at it again.</param>
internal readonly record struct DueAgain(QueueId Id, DateTimeOffset DueAt);
