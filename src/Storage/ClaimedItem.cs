namespace SlimtaFast.Storage;

/// <summary>An item that a shared storage handed out. Immutable.</summary>
/// <param name="Entry">What the scheduler must know of it.</param>
/// <param name="Epoch">The epoch of the lease.</param>
public readonly record struct ClaimedItem(QueueEntry Entry, long Epoch)
{
    /// <summary>The lease under which it was handed out.</summary>
    public QueueLease Lease => new(Entry.Id, Epoch);
}
