using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Items;
using SlimtaFast.Storage.Cloud.Records;
using SlimtaFast.Storage.Cloud.Schedule;

namespace SlimtaFast.Storage.Cloud;

public sealed partial class CloudStorage
{
    private const int MostTries = 50;
    private static readonly TimeSpan Unfinished = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async ValueTask<ClaimResult> ClaimDueAsync(int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return await RunAsync(() => ClaimAsync(max, lease, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QueueLease>> RenewAsync(IReadOnlyList<QueueLease> leases, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(leases);
        ThrowIfUnusable();
        bool[] isKept = new bool[leases.Count];
        await Parallel.ForAsync(0, leases.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, token) =>
        {
            isKept[i] = await ChangeAsync(leases[i], record => record with { Until = _clock.Now + RecordTime.Milliseconds(lease) }, token).ConfigureAwait(false) is { } kept;
        }).ConfigureAwait(false);
        _board?.Renew(leases.Where((_, i) => isKept[i]).Select(static held => held.Id), lease);
        return [.. leases.Where((_, i) => !isKept[i])];
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
            StoredRecord? released = await ChangeAsync(
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

    private async Task<ClaimResult> ClaimAsync(int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        var items = new List<ClaimedItem>();
        var domains = new SharedDomains();
        long now = _clock.Now;
        long? next = null;
        if (_board is not null)
            next = await ClaimAsync([.. _board.Take(lease).Select(static id => ((long?)null, id))], max, lease, items, domains, cancellationToken).ConfigureAwait(false);
        string? after = null;
        do
        {
            (List<(long Time, QueueId Id)> due, after, long? later) = await _due.ListAsync(after, now, max - items.Count, cancellationToken).ConfigureAwait(false);
            next = DueList.Earlier(next, later);

            // So that processes that look at the same time do not all try the same ones first.
            (long?, QueueId)[] candidates = [.. due.Select(static marker => ((long?)marker.Time, marker.Id))];
            if (_sole is null && candidates.Length > max - items.Count)
                Random.Shared.Shuffle(candidates);
            next = DueList.Earlier(next, await ClaimAsync(candidates, max, lease, items, domains, cancellationToken).ConfigureAwait(false));
        }
        while (after is not null && items.Count < max);
        items.Sort(static (left, right) => left.Entry.DueAt.CompareTo(right.Entry.DueAt));
        return new ClaimResult(items, next is null ? null : TimeSpan.FromMilliseconds(Math.Max(0, next.Value - _clock.Now)));
    }

    // Claims what can be had of some; the result is when more may be.
    private async Task<long?> ClaimAsync((long? Time, QueueId Id)[] candidates, int max, TimeSpan lease, List<ClaimedItem> items, SharedDomains domains, CancellationToken cancellationToken)
    {
        long? next = null;
        int at = 0;
        while (at < candidates.Length && items.Count < max)
        {
            int count = Math.Min(Math.Min(AtOnce, max - items.Count), candidates.Length - at);
            (ClaimedItem? Item, long? Next)[] tried = await Task.WhenAll(candidates.AsSpan(at, count).ToArray().Select(candidate =>
                ClaimOneAsync(candidate.Id, candidate.Time, lease, domains, cancellationToken))).ConfigureAwait(false);
            foreach ((ClaimedItem? item, long? later) in tried)
            {
                if (item is { } claimed)
                    items.Add(claimed);
                next = DueList.Earlier(next, later);
            }

            at += count;
        }

        return at < candidates.Length ? 0 : next;
    }

    private async Task<(ClaimedItem? Item, long? Next)> ClaimOneAsync(QueueId id, long? marker, TimeSpan lease, SharedDomains domains, CancellationToken cancellationToken)
    {
        long now = _clock.Now;
        StoredRecord? found = await _records.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            _board?.Delete(id);
            if (marker is not { } at)
                return (null, null);
            if (at < now - RecordTime.Milliseconds(_options.Linger))
            {
                await _due.RemoveAsync(at, id, cancellationToken).ConfigureAwait(false);
                return (null, null);
            }

            // Just being written, or just gone.
            long again = now + RecordTime.Milliseconds(Unfinished);
            _due.PassOver(at, id, again);
            return (null, again);
        }

        ItemRecord record = found.Record;
        if (record.Closed)
        {
            _board?.Delete(id);
            await _closing.FinishAsync(id, record, cancellationToken).ConfigureAwait(false);
            return (null, null);
        }

        if (record.Until > now)
        {
            await PassOverAsync(id, marker, record, now, cancellationToken).ConfigureAwait(false);
            return (null, record.Until);
        }

        ItemRecord mine = record with { Epoch = record.Epoch + 1, Leased = true, Until = now + RecordTime.Milliseconds(lease), Under = null };
        if (await _records.ReplaceAsync(id, found, mine, cancellationToken).ConfigureAwait(false) is not { } stored)
            return (null, null);
        _held.Note(id, stored);
        if (marker is { } time)
            _due.PassOver(time, id, mine.Until);
        _board?.Hold(id);
        return (new ClaimedItem(mine.ToEntry(id, domains), mine.Epoch), mine.Until);
    }

    // The item is somebody's, or its time has not come.
    private async Task PassOverAsync(QueueId id, long? marker, ItemRecord record, long now, CancellationToken cancellationToken)
    {
        if (marker is not { } time)
            _board?.PutOff(id, record.Until, now);
        else if (record.Leased || time == record.Marker)
            _due.PassOver(time, id, record.Until);
        else
            await _due.MoveAsync(time, record.Marker, id, cancellationToken).ConfigureAwait(false);
    }

    // Changes the record of an item that is the caller's; null where it is not.
    private async Task<StoredRecord?> ChangeAsync(QueueLease lease, Func<ItemRecord, ItemRecord> change, CancellationToken cancellationToken)
    {
        StoredRecord? found = _held.Find(lease.Id, lease.Epoch);
        for (int tries = 0; tries < MostTries; tries++)
        {
            found ??= await _records.ReadAsync(lease.Id, cancellationToken).ConfigureAwait(false);
            if (found is null || found.Record.Closed || found.Record.Epoch != lease.Epoch || !found.Record.Leased)
            {
                _held.Forget(lease.Id);
                return null;
            }

            StoredRecord? changed = await _records.ReplaceAsync(lease.Id, found, change(found.Record), cancellationToken).ConfigureAwait(false);
            if (changed is not null)
            {
                _held.Note(lease.Id, changed);
                return changed;
            }

            found = null;
        }

        throw new StorageException(StorageFailure.Unavailable, $"The item {lease.Id} is changed by others all the time.");
    }

    private async ValueTask<ChangeStatus> UpdateAsync(QueueId id, long? epoch, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(bounces);
        ChangeStatus status = await RunAsync(
            () => UpdateAsync(id, epoch, state, ItemWriting.Begin(_records, _contents, bounces), bounceLease),
            cancellationToken).ConfigureAwait(false);
        if (status == ChangeStatus.NoSuchItem && epoch is null)
            await WriteAsync(bounces, bounceLease, cancellationToken).ConfigureAwait(false);
        return status;
    }

    private async Task<ChangeStatus> UpdateAsync(QueueId id, long? epoch, DeliveryState state, ItemWriting bounces, TimeSpan bounceLease)
    {
        using ItemWriting held = bounces;
        ItemRecord[]? records = null;
        StoredRecord? found = epoch is { } mine ? _held.Find(id, mine) : null;
        for (int tries = 0; tries < MostTries; tries++)
        {
            found ??= await _records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (found is not null && tries > 0 && IsThatStep(found.Record, epoch, state.Version, bounces.Items))
            {
                // It was done all the same when its answer got lost.
                await FollowUpAsync(id, found.Record.Marker, found.Record, bounces.Items, records!).ConfigureAwait(false);
                return ChangeStatus.Done;
            }

            if (found is null || found.Record.Closed)
                return await RefuseAsync(id, found, records, bounces, epoch is null ? ChangeStatus.NoSuchItem : ChangeStatus.Refused).ConfigureAwait(false);
            ItemRecord record = found.Record;

            // An update that is repeated finds its own version, and the lease ended. A holder whose version is stored already works on an older item.
            if (epoch is not null && (record.Epoch != epoch || record.Leased == (record.Version >= state.Version)))
                return await RefuseAsync(id, found, records, bounces, ChangeStatus.Refused).ConfigureAwait(false);
            if (record.Version >= state.Version)
                return epoch is not null ? ChangeStatus.Done : await RefuseAsync(id, found, records, bounces, ChangeStatus.NoSuchItem).ConfigureAwait(false);
            records ??= await ParkAsync(id, record.Epoch, state.Version, bounces, bounceLease).ConfigureAwait(false);
            ItemRecord next = NextOf(id, record, state, epoch is null, bounces.Items);
            if (await _records.ReplaceAsync(id, found, next, CancellationToken.None).ConfigureAwait(false) is { })
            {
                await FollowUpAsync(id, record.Marker, next, bounces.Items, records).ConfigureAwait(false);
                return ChangeStatus.Done;
            }

            found = null;
        }

        throw new StorageException(StorageFailure.Unavailable, $"The item {id} is changed by others all the time.");
    }

    private static ItemRecord NextOf(QueueId id, ItemRecord record, DeliveryState state, bool takes, IReadOnlyList<QueueItem> bounces)
    {
        bool isClosed = state.IsClosed;
        long due = RecordTime.Milliseconds(state.DueAt);
        string[] releases = [.. record.Releases ?? [], .. bounces.Select(static bounce => bounce.Envelope.Id.ToString())];
        byte[]? block = null;
        if (!isClosed)
        {
            var buffer = new ArrayBufferWriter<byte>((int)Math.Min(EnvelopeSerializer.GetStateBound(state), 1024 * 1024));
            EnvelopeSerializer.WriteState(buffer, id, state);
            block = buffer.WrittenSpan.ToArray();
        }

        return record with
        {
            Epoch = takes ? record.Epoch + 1 : record.Epoch,
            Leased = false,
            Until = due,
            Marker = isClosed ? record.Marker : due,
            Version = state.Version,
            Timestamp = RecordTime.Seconds(state.DueAt),
            Attempts = state.Attempts,
            State = block,
            Closed = isClosed,
            Under = null,
            Releases = releases.Length == 0 ? null : releases,
        };
    }

    // Bounces are written before the step they belong to, which names them: until it is durable they are no items.
    private static async Task<ItemRecord[]> ParkAsync(QueueId id, long epoch, int version, ItemWriting bounces, long now, TimeSpan lease)
    {
        await bounces.WriteContentsAsync(CancellationToken.None).ConfigureAwait(false);
        ItemRecord[] records = [.. bounces.Items.Select(bounce => bounces.MakeRecord(bounce, lease, now) with { Under = id.ToString(), UnderEpoch = epoch, UnderVersion = version })];
        await Task.WhenAll(bounces.Items.Select((bounce, i) => bounces.WriteAsync(bounce, records[i], CancellationToken.None))).ConfigureAwait(false);
        return records;
    }

    private Task<ItemRecord[]> ParkAsync(QueueId id, long epoch, int version, ItemWriting bounces, TimeSpan lease) => ParkAsync(id, epoch, version, bounces, _clock.Now, lease);

    private static bool IsThatStep(ItemRecord record, long? epoch, int version, IReadOnlyList<QueueItem> bounces) =>
        record.Version == version
        && (epoch is null || record.Epoch == epoch)
        && bounces.All(bounce => record.Releases?.Contains(bounce.Envelope.Id.ToString()) == true);

    private async Task<ChangeStatus> RefuseAsync(QueueId id, StoredRecord? found, ItemRecord[]? parked, ItemWriting bounces, ChangeStatus status)
    {
        _held.Forget(id);
        _board?.Delete(id);

        // Only where it is certain that the step was not done: else a listing finds what they are.
        if (parked is not null && found is not null)
            await _records.Objects.DeleteAsync([.. bounces.Items.Select(static bounce => ObjectNames.Item(bounce.Envelope.Id))], CancellationToken.None).ConfigureAwait(false);
        return status;
    }

    // The step is durable: what is left is done by others where it fails.
    private async Task FollowUpAsync(QueueId id, long marker, ItemRecord next, IReadOnlyList<QueueItem> bounces, ItemRecord[] records)
    {
        _held.Forget(id);
        _count.Add(bounces.Count - (next.Closed ? 1 : 0));
        try
        {
            if (next.Closed)
            {
                await _closing.FinishAsync(id, next, CancellationToken.None).ConfigureAwait(false);
            }
            else
            {
                await _due.MoveAsync(marker, next.Marker, id, CancellationToken.None).ConfigureAwait(false);
                if (bounces.Count > 0)
                    await _closing.ReleaseAsync(next, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (StorageException trouble)
        {
            CloudLog.CleaningFailed(_logger, _objects.Description, id, trouble);
        }

        _board?.Delete(id);
        long now = _clock.Now;
        if (!next.Closed)
            _board?.Tell([(id, next)], now);
        if (records.Length > 0 && !records[0].Leased)
            _board?.Tell(bounces.Select((bounce, i) => (bounce.Envelope.Id, records[i])), now);
    }

    private async Task<ChangeStatus> RemoveAsync(QueueId id, long? epoch)
    {
        // A write that was given up may still be under way.
        if (_writing.TryGetValue(id, out Task? writing))
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        for (int tries = 0; tries < MostTries; tries++)
        {
            StoredRecord? found = await _records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (found is null || found.Record.Closed)
                return ChangeStatus.NoSuchItem;
            if (epoch is not null && found.Record.Epoch != epoch)
                return ChangeStatus.Refused;
            ItemRecord next = found.Record with { Closed = true, Leased = false, State = null, Under = null };
            if (await _records.ReplaceAsync(id, found, next, CancellationToken.None).ConfigureAwait(false) is { })
            {
                await FollowUpAsync(id, next.Marker, next, [], []).ConfigureAwait(false);
                return ChangeStatus.Done;
            }
        }

        throw new StorageException(StorageFailure.Unavailable, $"The item {id} is changed by others all the time.");
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
                if ((await _due.ListAsync(null, _clock.Now, 1, cancellationToken).ConfigureAwait(false)).Due.Count > 0)
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

    private sealed class Watcher(CloudStorage storage, Action notice) : IDisposable
    {
        public void Dispose()
        {
            lock (storage._watchers)
                storage._watchers.Remove(notice);
        }
    }
}
