using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests.Fakes;

/// <summary>A shared storage in memory that nobody else uses, and that hands out nothing by itself.</summary>
internal abstract class LoneSharedStorage : ISharedQueueStorage
{
    private readonly MemoryStorage _inner = new();

    public virtual bool ListsAll => false;

    public virtual ValueTask<QueueEntryPage> ListAsync(bool onlyHeld, string? cursor, int max, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask<ClaimedItem?> ClaimAsync(QueueId id, TimeSpan lease, CancellationToken cancellationToken) => ValueTask.FromResult<ClaimedItem?>(null);

    public virtual ValueTask ReleaseAsync(IReadOnlyList<LeaseRelease> releases, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public virtual async ValueTask<bool> UpdateAsync(QueueLease lease, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken)
    {
        await _inner.UpdateAsync(lease.Id, state, bounces, cancellationToken);
        return true;
    }

    public Task StartAsync(CancellationToken cancellationToken) => _inner.StartAsync(cancellationToken);

    public ContentWriter BeginContent(QueueId id, long? sizeHint) => _inner.BeginContent(id, sizeHint);

    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) => _inner.WriteAsync(items, cancellationToken);

    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, TimeSpan lease, CancellationToken cancellationToken) => _inner.WriteAsync(items, cancellationToken);

    public ValueTask<ClaimResult> ClaimDueAsync(int max, TimeSpan lease, CancellationToken cancellationToken) => ValueTask.FromResult(new ClaimResult([], null));

    public ValueTask<RenewResult> RenewAsync(IReadOnlyList<QueueLease> leases, TimeSpan lease, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new RenewResult([], [], null));

    public ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) =>
        _inner.UpdateAsync(id, state, bounces, cancellationToken);

    public ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken) => _inner.RemoveAsync(id, cancellationToken);

    public async ValueTask<bool> RemoveAsync(QueueLease lease, CancellationToken cancellationToken)
    {
        await _inner.RemoveAsync(lease.Id, cancellationToken);
        return true;
    }

    public ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken) => _inner.ReadAsync(id, cancellationToken);

    public IAsyncEnumerable<QueueEntry> LoadAsync(CancellationToken cancellationToken) => _inner.LoadAsync(cancellationToken);

    public ValueTask PingAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public IDisposable Watch(Action notice) => new NoNotices();

    public StorageInfo GetInfo() => _inner.GetInfo();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private sealed class NoNotices : IDisposable
    {
        public void Dispose()
        {
            // There were none.
        }
    }
}
