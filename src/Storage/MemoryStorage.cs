using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Memory;

namespace SlimtaFast.Storage;

/// <summary>
/// Keeps items in the memory of this process: nothing survives its end. For tests, for trying things out, and for servers whose next
/// hop is durable. Thread-safe; every operation completes at once.
/// </summary>
/// <remarks>
/// Memory is bounded by two budgets: contents that came in memory stay charged to the budget of the edge that received them, and what
/// does not fit there comes through <see cref="BeginContent"/> and is charged to this storage's, and so are header sections that policies
/// wrote anew (<see cref="EditedContent"/>) as long as an item has them. When both are spent, new mail is refused as <see cref="StorageFailure.Full"/>.
/// </remarks>
public sealed class MemoryStorage : IQueueStorage
{
    /// <summary>Octets of contents that a storage made without a budget of its own may hold: 1 GiB.</summary>
    public const long DefaultBudget = 1L << 30;

    private const string UsedUp = "The memory for message contents is used up.";

    private readonly Lock _lock = new();
    private readonly ItemTable _items;
    private readonly ContentBudget _budget;
    private bool _stopped;

    /// <summary>Makes an empty storage.</summary>
    /// <param name="budget">Octets that contents begun here and edited headers may take together; null for <see cref="DefaultBudget"/>.</param>
    public MemoryStorage(ContentBudget? budget = null)
    {
        _budget = budget ?? new ContentBudget(DefaultBudget);
        _items = new ItemTable(_budget);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) => new PooledContentWriter(id, int.MaxValue, _budget, static _ => throw Full());

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ThrowIfStopped();
            if (!_items.TryAdd(items))
                throw Full();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(bounces);
        cancellationToken.ThrowIfCancellationRequested();
        MessageContent? freed;
        lock (_lock)
        {
            ThrowIfStopped();
            if (!_items.TryAdd(bounces))
                throw Full();
            freed = _items.Update(id, state);
        }

        freed?.Release();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        MessageContent? freed;
        lock (_lock)
        {
            ThrowIfStopped();
            freed = _items.Remove(id);
        }

        freed?.Release();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ThrowIfStopped();
            QueueItem? item = _items.Find(id);
            item?.Envelope.Content.Retain();
            return ValueTask.FromResult(item);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<QueueEntry> LoadAsync(CancellationToken cancellationToken)
    {
        QueueEntry[] entries;
        lock (_lock)
        {
            ThrowIfStopped();
            entries = _items.List();
        }

        return Enumerate(entries, cancellationToken);
    }

    /// <inheritdoc/>
    public StorageInfo GetInfo()
    {
        bool accepts = _budget.Used < _budget.Limit;
        lock (_lock)
            return new StorageInfo(_items.Count, _items.Bytes, accepts && !_stopped, accepts ? null : UsedUp);
    }

    /// <summary>Forgets everything. What is called afterwards fails with <see cref="StorageFailure.Stopping"/>.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _stopped = true;
            _items.Clear();
        }

        return ValueTask.CompletedTask;
    }

    private static StorageException Full() => new(StorageFailure.Full, UsedUp);

    private static async IAsyncEnumerable<QueueEntry> Enumerate(QueueEntry[] entries, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (QueueEntry entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }
    }

    private void ThrowIfStopped()
    {
        if (_stopped)
            throw new StorageException(StorageFailure.Stopping, "The storage is closed.");
    }
}
