using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Tests;

/// <summary>A storage of which a test says what cannot be read; the rest is that of another one, which stays the test's.</summary>
internal sealed class TroubledStorage(IQueueStorage inner) : IQueueStorage
{
    /// <summary>What reading an item fails with.</summary>
    public Dictionary<QueueId, Exception> Troubles { get; } = [];

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public ContentWriter BeginContent(QueueId id, long? sizeHint) => inner.BeginContent(id, sizeHint);

    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) => inner.WriteAsync(items, cancellationToken);

    public ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) =>
        inner.UpdateAsync(id, state, bounces, cancellationToken);

    public ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken) => inner.RemoveAsync(id, cancellationToken);

    public ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken) =>
        Troubles.TryGetValue(id, out Exception? trouble) ? ValueTask.FromException<QueueItem?>(trouble) : inner.ReadAsync(id, cancellationToken);

    public IAsyncEnumerable<QueueEntry> LoadAsync(CancellationToken cancellationToken) => inner.LoadAsync(cancellationToken);

    public StorageInfo GetInfo() => inner.GetInfo();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
