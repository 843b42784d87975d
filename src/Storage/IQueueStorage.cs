using SlimtaFast.Mail;

namespace SlimtaFast.Storage;

/// <summary>
/// Keeps queued items through crashes and power loss. All members are thread-safe. A storage holds its own reference to a content
/// until its I/O has ended, whatever the caller's cancellation. Failures are <see cref="StorageException"/>s that say whose fault they
/// are; after one the items are either all stored or none, and an operation that was given up in time is "possibly stored".
/// </summary>
public interface IQueueStorage : IAsyncDisposable
{
    /// <summary>Opens, locks and recovers the storage. Called once, before anything else.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Starts a content too large to wait in memory, on the medium where it will be kept. Nothing of it is an item yet.</summary>
    /// <param name="id">The content's name.</param>
    /// <param name="sizeHint">Octets to expect, or null.</param>
    ContentWriter BeginContent(QueueId id, long? sizeHint);

    /// <summary>Ends when all items are on stable storage; on failure none is. Writing an id that is already there changes nothing.</summary>
    ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the state of an item and adds bounces in one atomic step. Where the new state is closed the item is gone with it; where it has a routing
    /// domain, that is the item's in all listings from then on. Ends when this would survive power loss.
    /// </summary>
    /// <param name="id">The item; unknown ids do nothing but still add the bounces.</param>
    /// <param name="state">Its next state, with a higher version than the stored one.</param>
    /// <param name="bounces">New items of the same commit.</param>
    /// <param name="cancellationToken">Gives up waiting, not the write.</param>
    ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken);

    /// <summary>Forgets an item without more ado; an unknown id is no error.</summary>
    ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken);

    /// <summary>Reads an item back, with one reference to its content that the caller releases; null where there is none such.</summary>
    ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken);

    /// <summary>
    /// Names every item that is stored at the time of the call, each once, without contents: oldest first, but for some that say that they are
    /// early. For storages of one process.
    /// </summary>
    IAsyncEnumerable<QueueEntry> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Figures for health, metrics and load shedding; cheap.</summary>
    StorageInfo GetInfo();
}
