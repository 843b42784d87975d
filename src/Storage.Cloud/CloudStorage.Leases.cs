using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Items;
using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud;

public sealed partial class CloudStorage
{
    /// <inheritdoc/>
    public async ValueTask<ClaimResult> ClaimDueAsync(int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return await RunAsync(
            async () =>
            {
                await _clock.EnsureAsync(_records.Objects, _name, cancellationToken).ConfigureAwait(false);
                return await _claims.ClaimAsync(max, lease, _sole is null, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ClaimedItem?> ClaimAsync(QueueId id, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return await RunAsync(
            async () =>
            {
                await _clock.EnsureAsync(_records.Objects, _name, cancellationToken).ConfigureAwait(false);
                return await _claims.ClaimOneAsync(id, lease, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public bool ListsAll => true;

    /// <inheritdoc/>
    public async ValueTask<QueueEntryPage> ListAsync(bool onlyHeld, string? cursor, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ThrowIfUnusable();
        await _clock.EnsureAsync(_records.Objects, _name, cancellationToken).ConfigureAwait(false);
        return await _pages.ReadAsync(onlyHeld, cursor, max, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<RenewResult> RenewAsync(IReadOnlyList<QueueLease> leases, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(leases);
        ThrowIfUnusable();
        await _clock.EnsureAsync(_records.Objects, _name, cancellationToken).ConfigureAwait(false);
        var lost = new ConcurrentBag<QueueLease>();
        var unknown = new ConcurrentBag<(QueueLease Lease, StorageException Failure)>();
        var kept = new ConcurrentBag<QueueId>();
        await Parallel.ForEachAsync(leases, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (held, token) =>
        {
            try
            {
                if (await _changes.ChangeAsync(held, record => record with { Until = _clock.Now + RecordTime.Milliseconds(lease) }, token).ConfigureAwait(false) is null)
                    lost.Add(held);
                else
                    kept.Add(held.Id);
            }
            catch (StorageException trouble)
            {
                unknown.Add((held, trouble));
            }
        }).ConfigureAwait(false);
        _board?.Renew(kept, lease);
        StorageException? failure = unknown.FirstOrDefault().Failure;
        if (failure is not null && unknown.Count == leases.Count)
            throw new StorageException(failure.Failure, failure.Message, failure);
        return new RenewResult([.. lost], [.. unknown.Select(static some => some.Lease)], failure);
    }

    /// <inheritdoc/>
    public async ValueTask PingAsync(CancellationToken cancellationToken)
    {
        ThrowIfUnusable();

        // It writes an object and deletes it.
        await _clock.SetAsync(_records.Objects, _name, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(IReadOnlyList<LeaseRelease> releases, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(releases);
        ThrowIfUnusable();
        await Parallel.ForEachAsync(releases, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (release, token) =>
        {
            QueueId id = release.Lease.Id;
            long now = _clock.Now, before = 0;
            StoredRecord? released = await _changes.ChangeAsync(
                release.Lease,
                record =>
                {
                    before = record.Marker;
                    long until = Math.Max(now, RecordTime.Milliseconds(release.DueAt));
                    return record with { Leased = false, Until = until, Marker = until };
                },
                token).ConfigureAwait(false);
            _held.Forget(id);
            if (released is null)
                return;
            await _due.MoveAsync(before, released.Record.Marker, id, token).ConfigureAwait(false);
            if (_board is not null && !_board.PutOff(id, released.Record.Until, now))
                _board.Tell([(id, released.Record)], now);
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) =>
        await UpdateAsync(id, null, state, bounces, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<bool> UpdateAsync(QueueLease lease, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken) =>
        await UpdateAsync(lease.Id, lease.Epoch, state, bounces, bounceLease, cancellationToken).ConfigureAwait(false) == ChangeStatus.Done;

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken) =>
        await RunAsync(() => RemoveAsync(id, null), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAsync(QueueLease lease, CancellationToken cancellationToken) =>
        await RunAsync(() => RemoveAsync(lease.Id, lease.Epoch), cancellationToken).ConfigureAwait(false) == ChangeStatus.Done;

    /// <inheritdoc/>
    public IDisposable Watch(Action notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        lock (_watchers)
        {
            _watchers.Add(notice);
            if (_board is null)
                _polling ??= PollAsync(_stop.Token);
        }

        _board?.Listen();
        return new Watcher(this, notice);
    }

    private async ValueTask<ChangeStatus> UpdateAsync(QueueId id, long? epoch, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(bounces);
        ChangeStatus status = await RunAsync(
            async () =>
            {
                try
                {
                    return await _changes.UpdateAsync(id, epoch, state, ItemWriting.Begin(_records, _contents, bounces), bounceLease).ConfigureAwait(false);
                }
                catch (IOException trouble)
                {
                    throw Unreadable(trouble);
                }
            },
            cancellationToken).ConfigureAwait(false);
        if (status == ChangeStatus.NoSuchItem && epoch is null)
            await WriteAsync(bounces, bounceLease, cancellationToken).ConfigureAwait(false);
        return status;
    }

    private async Task<ChangeStatus> RemoveAsync(QueueId id, long? epoch)
    {
        // A write that was given up may still be under way.
        if (_writing.TryGetValue(id, out Task? writing))
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await _changes.RemoveAsync(id, epoch).ConfigureAwait(false);
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (true)
        {
            await Task.Delay(_options.PollEvery, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                return;
            try
            {
                if (await IsAnythingDueAsync(cancellationToken).ConfigureAwait(false))
                    Notify();
            }
            catch (StorageException)
            {
                // Whoever claims finds out, and tells it.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // What is in somebody's hands stands first in the list, and may fill its first pages.
    private async Task<bool> IsAnythingDueAsync(CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            (List<(long Time, QueueId Id)> due, after, _) = await _due.ListAsync(after, _clock.Now, PageSize, cancellationToken).ConfigureAwait(false);
            if (due.Count > 0)
                return true;
        }
        while (after is not null);
        return false;
    }

    private sealed class Watcher(CloudStorage storage, Action notice) : IDisposable
    {
        public void Dispose()
        {
            lock (storage._watchers)
                storage._watchers.Remove(notice);
        }
    }
}
