using SlimtaFast.Storage;

namespace SlimtaFast.Queue;

/// <summary>The queue as a whole at one moment. Immutable.</summary>
/// <param name="Queue">What the queue held; held items count as waiting.</param>
/// <param name="Storage">What its storage said of itself.</param>
/// <param name="Paused">True while an operator has all deliveries paused.</param>
/// <param name="Holds">True for a queue that stores only.</param>
/// <param name="IsShared">True where the storage is one that processes share, so that this is what this process holds of it.</param>
/// <param name="Loading">True while not all that is stored is known yet.</param>
public sealed record QueueTotals(QueueSnapshot Queue, StorageInfo Storage, bool Paused, bool Holds, bool IsShared, bool Loading);
