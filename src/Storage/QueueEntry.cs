using SlimtaFast.Mail;

namespace SlimtaFast.Storage;

/// <summary>The little that the scheduler must know of a stored item. Immutable.</summary>
/// <param name="Id">The item.</param>
/// <param name="DueAt">When its next attempt is due.</param>
/// <param name="Attempts">Attempts made so far.</param>
/// <param name="Domain">The lower-case domain that decides its next hop (<see cref="QueueItem.Domain"/>), a shared string.</param>
/// <param name="Length">Octets of added headers and content.</param>
/// <param name="Urgency">What decides over the order of work.</param>
/// <param name="IsEarly">True where it was named ahead of its turn: older ones may still come.</param>
/// <param name="IsRerouted">True where the domain is the state's routing domain and need not be the recipients'. Storages that processes share need not tell.</param>
public readonly record struct QueueEntry(QueueId Id, DateTimeOffset DueAt, int Attempts, string Domain, long Length, Urgency Urgency = default, bool IsEarly = false, bool IsRerouted = false);
