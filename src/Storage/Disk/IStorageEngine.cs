using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk;

/// <summary>An open disk storage, with or without a journal. Thread-safe; disposing blocks.</summary>
internal interface IStorageEngine : IDisposable
{
    /// <summary>Starts a content too large to wait in memory.</summary>
    ContentWriter BeginContent(QueueId id);

    /// <summary>See <see cref="IQueueStorage.WriteAsync"/>; at least one item.</summary>
    ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken);

    /// <summary>See <see cref="IQueueStorage.UpdateAsync"/>; without a state, <see cref="IQueueStorage.RemoveAsync"/>.</summary>
    ValueTask ChangeAsync(QueueId id, DeliveryState? state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken);

    /// <summary>See <see cref="IQueueStorage.ReadAsync"/>.</summary>
    ValueTask<QueueItem?> ReadAsync(QueueId id);

    /// <summary>See <see cref="IQueueStorage.LoadAsync"/>.</summary>
    IAsyncEnumerable<QueueEntry> LoadAsync(CancellationToken cancellationToken);

    /// <summary>See <see cref="IQueueStorage.GetInfo"/>.</summary>
    StorageInfo GetInfo();
}
