using System.Buffers;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Notices;
using SlimtaFast.Storage.Cloud.Records;
using SlimtaFast.Storage.Cloud.Schedule;

namespace SlimtaFast.Storage.Cloud.Items;

/// <summary>
/// Changes items: each change replaces the record as long as it is the one that was read. Where the answer got lost, the record tells whether the change
/// was made. Thread-safe.
/// </summary>
internal sealed class ItemChanges
{
    private const int MostTries = 50;

    private readonly RecordStore _records;
    private readonly ItemClosing _closing;
    private readonly DueList _due;
    private readonly StoreClock _clock;
    private readonly HeldRecords _held;
    private readonly ItemCount _count;
    private readonly NoticeBoard? _board;
    private readonly ILogger _logger;

    /// <summary>Works on a store.</summary>
    public ItemChanges(RecordStore records, ItemClosing closing, DueList due, StoreClock clock, HeldRecords held, ItemCount count, NoticeBoard? board, ILogger logger)
    {
        _records = records;
        _closing = closing;
        _due = due;
        _clock = clock;
        _held = held;
        _count = count;
        _board = board;
        _logger = logger;
    }

    /// <summary>Changes the record of an item that is the caller's; null where it is not, or where it is damaged.</summary>
    public async Task<StoredRecord?> ChangeAsync(QueueLease lease, Func<ItemRecord, ItemRecord> change, CancellationToken cancellationToken)
    {
        StoredRecord? found = _held.Find(lease.Id, lease.Epoch);
        for (int tries = 0; tries < MostTries; tries++)
        {
            found ??= await TryReadAsync(lease.Id, cancellationToken).ConfigureAwait(false);
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

        throw TooBusy(lease.Id);
    }

    /// <summary>Makes the next step of an item, together with its bounces.</summary>
    /// <param name="id">The item.</param>
    /// <param name="epoch">The holder's epoch; null to take the item from whoever holds it.</param>
    /// <param name="state">The next state.</param>
    /// <param name="bounces">New items of the same step; disposed at its end.</param>
    /// <param name="bounceLease">For how long they are the caller's.</param>
    public async Task<ChangeStatus> UpdateAsync(QueueId id, long? epoch, DeliveryState state, ItemWriting bounces, TimeSpan bounceLease)
    {
        using ItemWriting held = bounces;
        ItemRecord[]? records = null;
        StoredRecord? found = epoch is { } mine ? _held.Find(id, mine) : null;

        // Whoever repeats this reads it: the step may have been made although it failed.
        _held.Forget(id);
        for (int tries = 0; tries < MostTries; tries++)
        {
            found ??= await _records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (found is not null && IsThatStep(found.Record, epoch, state.Version, bounces.Items))
            {
                // It was done all the same when its answer got lost.
                await FollowUpAsync(id, found.Record.Marker, found.Record, bounces.Items, records ?? []).ConfigureAwait(false);
                return ChangeStatus.Done;
            }

            if (found is null || found.Record.Closed)
                return await RefuseAsync(id, found, records, bounces, epoch is null ? ChangeStatus.NoSuchItem : ChangeStatus.Refused).ConfigureAwait(false);
            ItemRecord record = found.Record;

            // A holder whose version is stored already works on an older item.
            if (epoch is not null && (record.Epoch != epoch || !record.Leased || record.Version >= state.Version))
                return await RefuseAsync(id, found, records, bounces, ChangeStatus.Refused).ConfigureAwait(false);
            if (record.Version >= state.Version)
                return await RefuseAsync(id, found, records, bounces, ChangeStatus.NoSuchItem).ConfigureAwait(false);
            records ??= await ParkAsync(id, record.Epoch, state.Version, bounces, bounceLease).ConfigureAwait(false);
            ItemRecord next = NextOf(id, record, state, epoch is null, bounces.Items);
            if (await _records.ReplaceAsync(id, found, next, CancellationToken.None).ConfigureAwait(false) is { })
            {
                await FollowUpAsync(id, record.Marker, next, bounces.Items, records).ConfigureAwait(false);
                return ChangeStatus.Done;
            }

            found = null;
        }

        throw TooBusy(id);
    }

    /// <summary>Closes an item without more ado.</summary>
    /// <param name="id">The item.</param>
    /// <param name="epoch">The holder's epoch; null to take the item from whoever holds it.</param>
    public async Task<ChangeStatus> RemoveAsync(QueueId id, long? epoch)
    {
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

        throw TooBusy(id);
    }

    private static StorageException TooBusy(QueueId id) => new(StorageFailure.Unavailable, $"The item {id} is changed by others all the time.");

    // Bounces are made for one step: the record that names them is that step's or a later one's, whoever holds the item by now. A step without any is
    // told by its version, in an epoch that ended with it.
    private static bool IsThatStep(ItemRecord record, long? epoch, int version, IReadOnlyList<QueueItem> bounces) => bounces.Count > 0
        ? bounces.All(bounce => record.Releases?.Contains(bounce.Envelope.Id.ToString()) == true)
        : record.Version == version && (epoch is null || (record.Epoch == epoch && !record.Leased));

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
            Domain = state.RoutingDomain ?? record.Domain,
            State = block,
            Closed = isClosed,
            Under = null,
            Releases = releases.Length == 0 ? null : releases,
        };
    }

    private async Task<StoredRecord?> TryReadAsync(QueueId id, CancellationToken cancellationToken)
    {
        try
        {
            return await _records.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException trouble) when (RecordStore.IsDamage(trouble))
        {
            return null;
        }
    }

    // Bounces are written before the step they belong to, which names them: until it is durable they are no items.
    private async Task<ItemRecord[]> ParkAsync(QueueId id, long epoch, int version, ItemWriting bounces, TimeSpan lease)
    {
        long now = _clock.Now;
        await bounces.WriteContentsAsync(CancellationToken.None).ConfigureAwait(false);
        ItemRecord[] records = [.. bounces.Items.Select(bounce => bounces.MakeRecord(bounce, lease, now) with { Under = id.ToString(), UnderEpoch = epoch, UnderVersion = version })];
        await Task.WhenAll(bounces.Items.Select((bounce, i) => bounces.WriteAsync(bounce, records[i], CancellationToken.None))).ConfigureAwait(false);
        return records;
    }

    private async Task<ChangeStatus> RefuseAsync(QueueId id, StoredRecord? found, ItemRecord[]? parked, ItemWriting bounces, ChangeStatus status)
    {
        _board?.Delete(id);
        if (bounces.Items.Count == 0)
            return status;

        // The caller has them be items all the same, also those that an earlier try of his left. Else they go, but only where it is certain that the step was not
        // done: if not, a listing finds what they are.
        if (status == ChangeStatus.NoSuchItem)
            await _closing.ReleaseAsync(bounces.Items.Select(static bounce => bounce.Envelope.Id), CancellationToken.None).ConfigureAwait(false);
        else if (parked is not null && found is not null)
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
                    await _closing.ReleaseAsync(next.ReleasedIds(), CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (StorageException trouble)
        {
            CloudLog.CleaningFailed(_logger, _records.Objects.Description, id, trouble);
        }

        _board?.Delete(id);
        long now = _clock.Now;
        if (!next.Closed)
            _board?.Tell([(id, next)], now);
        if (records.Length > 0 && !records[0].Leased)
            _board?.Tell(bounces.Select((bounce, i) => (bounce.Envelope.Id, records[i])), now);
    }
}
