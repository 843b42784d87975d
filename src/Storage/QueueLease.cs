using SlimtaFast.Mail;

namespace SlimtaFast.Storage;

/// <summary>
/// The right to attempt an item of a shared storage for a time, and to record what came of it. Whoever takes the item over later gets a
/// higher epoch, by which the storage refuses the earlier holder. Immutable.
/// </summary>
/// <param name="Id">The item.</param>
/// <param name="Epoch">Counts the holders of the item; what an item is written with is <see cref="First"/>.</param>
public readonly record struct QueueLease(QueueId Id, long Epoch)
{
    /// <summary>The epoch of the process that wrote the item.</summary>
    public const long First = 1;
}
