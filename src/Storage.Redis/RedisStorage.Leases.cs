using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Redis;

public sealed partial class RedisStorage
{
    /// <inheritdoc/>
    public bool ListsAll => true;

    /// <inheritdoc/>
    /// <exception cref="StorageException">A server cannot be asked, or not all that waits can be named yet: looking through the keys failed.</exception>
    public async ValueTask<QueueEntryPage> ListAsync(bool onlyHeld, string? cursor, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);

        // Where the set of due times got lost, the end of the list would be taken for all there is.
        await _look.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await _pages.ReadAsync(onlyHeld, cursor, max, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<ClaimResult> ClaimDueAsync(int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return _leases.ClaimAsync(max, lease, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ClaimedItem?> ClaimAsync(QueueId id, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return _leases.ClaimOneAsync(id, lease, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<RenewResult> RenewAsync(IReadOnlyList<QueueLease> leases, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(leases);
        return _leases.RenewAsync(leases, lease, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(IReadOnlyList<LeaseRelease> releases, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(releases);
        return _leases.ReleaseAsync(releases, _time.GetUtcNow(), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken) => _leases.ProbeAsync(cancellationToken);

    /// <inheritdoc/>
    public IDisposable Watch(Action notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        lock (_watchers)
            _watchers.Add(notice);
        return new Watcher(this, notice);
    }

    private void Notify()
    {
        Action[] watchers;
        lock (_watchers)
            watchers = [.. _watchers];
        foreach (Action watcher in watchers)
            watcher();
    }

    private sealed class Watcher(RedisStorage storage, Action notice) : IDisposable
    {
        public void Dispose()
        {
            lock (storage._watchers)
                storage._watchers.Remove(notice);
        }
    }
}
