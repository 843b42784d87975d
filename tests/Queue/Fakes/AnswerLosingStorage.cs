using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests.Fakes;

/// <summary>A shared storage in memory that loses answers to updates which it has done. Nobody else uses it, and it hands out nothing.</summary>
internal sealed class AnswerLosingStorage : ISharedQueueStorage
{
    private readonly MemoryStorage _inner = new();

    /// <summary>How many answers are yet to be lost.</summary>
    public int Losses { get; set; }

    /// <summary>For how long bounces were to be leased, update by update.</summary>
    public List<TimeSpan> BounceLeases { get; } = [];

    public Task StartAsync(CancellationToken cancellationToken) => _inner.StartAsync(cancellationToken);

    public ContentWriter BeginContent(QueueId id, long? sizeHint) => _inner.BeginContent(id, sizeHint);

    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) => _inner.WriteAsync(items, cancellationToken);

    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, TimeSpan lease, CancellationToken cancellationToken) => _inner.WriteAsync(items, cancellationToken);

    public ValueTask<ClaimResult> ClaimDueAsync(int max, TimeSpan lease, CancellationToken cancellationToken) => ValueTask.FromResult(new ClaimResult([], null));

    public ValueTask<ClaimedItem?> ClaimAsync(QueueId id, TimeSpan lease, CancellationToken cancellationToken) => ValueTask.FromResult<ClaimedItem?>(null);

    public ValueTask<RenewResult> RenewAsync(IReadOnlyList<QueueLease> leases, TimeSpan lease, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new RenewResult([], [], null));

    public ValueTask ReleaseAsync(IReadOnlyList<LeaseRelease> releases, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) =>
        _inner.UpdateAsync(id, state, bounces, cancellationToken);

    public async ValueTask<bool> UpdateAsync(QueueLease lease, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken)
    {
        BounceLeases.Add(bounceLease);
        await _inner.UpdateAsync(lease.Id, state, bounces, cancellationToken);
        if (Losses == 0)
            return true;
        Losses--;
        throw new StorageException(StorageFailure.DeadlinePassed, "The answer is lost, as the test says.");
    }

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
