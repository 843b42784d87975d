using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests.Fakes;

/// <summary>A shared storage in memory whose list says what was so a moment ago: others ordered about an item before it is claimed. Nobody else uses it.</summary>
internal sealed class StaleListStorage : ISharedQueueStorage
{
    private readonly MemoryStorage _inner = new();

    /// <summary>What a list names.</summary>
    public List<QueueEntry> Listed { get; } = [];

    /// <summary>When the item that is claimed is due.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>How often it was attempted.</summary>
    public int Attempts { get; set; } = 1;

    /// <summary>By whose route it goes; null for what the list says.</summary>
    public string? Domain { get; set; }

    /// <summary>How many items were claimed.</summary>
    public int Claims { get; private set; }

    /// <summary>What was given back.</summary>
    public List<LeaseRelease> Released { get; } = [];

    public bool ListsAll => true;

    public ValueTask<QueueEntryPage> ListAsync(bool onlyHeld, string? cursor, int max, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new QueueEntryPage([.. Listed], null));

    public ValueTask<ClaimedItem?> ClaimAsync(QueueId id, TimeSpan lease, CancellationToken cancellationToken)
    {
        Claims++;
        QueueEntry listed = Listed.Single(entry => entry.Id == id);
        return ValueTask.FromResult<ClaimedItem?>(new ClaimedItem(listed with { DueAt = DueAt, Attempts = Attempts, Domain = Domain ?? listed.Domain }, QueueLease.First));
    }

    public ValueTask ReleaseAsync(IReadOnlyList<LeaseRelease> releases, CancellationToken cancellationToken)
    {
        Released.AddRange(releases);
        return ValueTask.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => _inner.StartAsync(cancellationToken);

    public ContentWriter BeginContent(QueueId id, long? sizeHint) => _inner.BeginContent(id, sizeHint);

    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) => _inner.WriteAsync(items, cancellationToken);

    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, TimeSpan lease, CancellationToken cancellationToken) => _inner.WriteAsync(items, cancellationToken);

    public ValueTask<ClaimResult> ClaimDueAsync(int max, TimeSpan lease, CancellationToken cancellationToken) => ValueTask.FromResult(new ClaimResult([], null));

    public ValueTask<RenewResult> RenewAsync(IReadOnlyList<QueueLease> leases, TimeSpan lease, CancellationToken cancellationToken) => ValueTask.FromResult(new RenewResult([], [], null));

    public ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) => _inner.UpdateAsync(id, state, bounces, cancellationToken);

    public async ValueTask<bool> UpdateAsync(QueueLease lease, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken)
    {
        await _inner.UpdateAsync(lease.Id, state, bounces, cancellationToken);
        return true;
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

    public IDisposable Watch(Action notice) => new MemoryStream();

    public StorageInfo GetInfo() => _inner.GetInfo();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
