using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Micro.Queue;

/// <summary>A storage that keeps nothing and ends at once: what is left is the queue's own cost.</summary>
public sealed class NullStorage : IQueueStorage
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ContentWriter BeginContent(QueueId id, long? sizeHint) => new DiscardingContentWriter(id);

    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken) => ValueTask.FromResult<QueueItem?>(null);

    public async IAsyncEnumerable<QueueEntry> LoadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }

    public StorageInfo GetInfo() => default;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
