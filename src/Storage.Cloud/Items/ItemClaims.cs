using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Notices;
using SlimtaFast.Storage.Cloud.Records;
using SlimtaFast.Storage.Cloud.Schedule;

namespace SlimtaFast.Storage.Cloud.Items;

/// <summary>Claims items that are due: those that messages told of, and those at the beginning of the list of due times; and by its id one that is not. Thread-safe.</summary>
internal sealed class ItemClaims
{
    private const int AtOnce = 32;
    private const int MostTries = 50;
    private static readonly TimeSpan Unfinished = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Damaged = TimeSpan.FromMinutes(10);

    // What is closed stands in the list until its objects are gone.
    private static readonly TimeSpan Closing = TimeSpan.FromMinutes(1);

    // On a slow server the caller begins with what he has before much of its lease is over.
    private const int PartOfLease = 8;
    private static readonly TimeSpan LongestPass = TimeSpan.FromSeconds(2);

    private readonly RecordStore _records;
    private readonly ClosingQueue _closing;
    private readonly DueList _due;
    private readonly StoreClock _clock;
    private readonly HeldRecords _held;
    private readonly NoticeBoard? _board;
    private readonly TimeSpan _linger;

    /// <summary>Works on a store.</summary>
    public ItemClaims(RecordStore records, ClosingQueue closing, DueList due, StoreClock clock, HeldRecords held, NoticeBoard? board, TimeSpan linger)
    {
        _records = records;
        _closing = closing;
        _due = due;
        _clock = clock;
        _held = held;
        _board = board;
        _linger = linger;
    }

    /// <summary>Claims items, and tells when more may be due.</summary>
    /// <param name="max">How many at most.</param>
    /// <param name="lease">For how long.</param>
    /// <param name="isShared">True where other processes claim, too.</param>
    /// <param name="cancellationToken">Gives up; what was claimed then comes back when its lease ends.</param>
    public async Task<ClaimResult> ClaimAsync(int max, TimeSpan lease, bool isShared, CancellationToken cancellationToken)
    {
        var items = new List<ClaimedItem>();
        var domains = new SharedDomains();
        long now = _clock.Now;
        long end = now + RecordTime.Milliseconds(lease / PartOfLease < LongestPass ? lease / PartOfLease : LongestPass);
        long? next = null;
        try
        {
            if (_board is not null)
                next = await ClaimAsync([.. _board.Take(lease).Select(static id => ((long?)null, id))], max, lease, end, items, domains, cancellationToken).ConfigureAwait(false);
            string? after = null;
            do
            {
                (List<(long Time, QueueId Id)> due, after, long? later) = await _due.ListAsync(after, now, max - items.Count, cancellationToken).ConfigureAwait(false);
                next = DueList.Earlier(next, later);

                // So that processes that look at the same time do not all try the same ones first.
                (long?, QueueId)[] candidates = [.. due.Select(static marker => ((long?)marker.Time, marker.Id))];
                if (isShared && candidates.Length > max - items.Count)
                    Random.Shared.Shuffle(candidates);
                next = DueList.Earlier(next, await ClaimAsync(candidates, max, lease, end, items, domains, cancellationToken).ConfigureAwait(false));
            }
            while (after is not null && items.Count < max && !IsEnough(items, end));
            if (after is not null)
                next = now;
        }
        catch (StorageException) when (items.Count > 0)
        {
            // What was claimed is the caller's. Who claims next finds out whether it goes on failing.
            next = DueList.Earlier(next, now + RecordTime.Milliseconds(Unfinished));
        }

        items.Sort(static (left, right) => left.Entry.DueAt.CompareTo(right.Entry.DueAt));
        return new ClaimResult(items, next is null ? null : TimeSpan.FromMilliseconds(Math.Max(0, next.Value - _clock.Now)));
    }

    /// <summary>Claims one item, due or not; null where there is none, or somebody has it.</summary>
    public async Task<ClaimedItem?> ClaimOneAsync(QueueId id, TimeSpan lease, CancellationToken cancellationToken)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            long now = _clock.Now;
            StoredRecord? found = await _records.ReadAsync(id, cancellationToken).ConfigureAwait(false);
            if (found is null or { Record.Closed: true } || (found.Record.Leased && found.Record.Until > now))
                return null;
            if (await TryTakeAsync(id, found, found.Record.Marker, lease, now, cancellationToken).ConfigureAwait(false) is { } mine)
                return new ClaimedItem(mine.ToEntry(id, new SharedDomains()), mine.Epoch);
        }

        throw new StorageException(StorageFailure.Unavailable, $"The item {id} is changed by others all the time.");
    }

    // Claims what can be had of some; the result is when more may be. Where it fails, what was claimed is in the list.
    private async Task<long?> ClaimAsync((long? Time, QueueId Id)[] candidates, int max, TimeSpan lease, long end, List<ClaimedItem> items, SharedDomains domains, CancellationToken cancellationToken)
    {
        long? next = null;
        int at = 0;
        while (at < candidates.Length && items.Count < max && !IsEnough(items, end))
        {
            int count = Math.Min(Math.Min(AtOnce, max - items.Count), candidates.Length - at);
            Task<(ClaimedItem? Item, long? Next)>[] tries = [.. candidates.AsSpan(at, count).ToArray().Select(candidate =>
                TryClaimAsync(candidate.Id, candidate.Time, lease, domains, cancellationToken))];
            await ((Task)Task.WhenAll(tries)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (Task<(ClaimedItem? Item, long? Next)> tried in tries.Where(static tried => tried.IsCompletedSuccessfully))
            {
                (ClaimedItem? item, long? later) = await tried.ConfigureAwait(false);
                if (item is { } claimed)
                    items.Add(claimed);
                next = DueList.Earlier(next, later);
            }

            await Task.WhenAll(tries).ConfigureAwait(false);
            at += count;
        }

        return at < candidates.Length ? 0 : next;
    }

    private async Task<(ClaimedItem? Item, long? Next)> TryClaimAsync(QueueId id, long? marker, TimeSpan lease, SharedDomains domains, CancellationToken cancellationToken)
    {
        try
        {
            return await ClaimOneAsync(id, marker, lease, domains, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException trouble) when (RecordStore.IsDamage(trouble))
        {
            // It stays for an operator, who was told, and keeps nobody else waiting.
            _board?.Delete(id);
            if (marker is { } time)
                _due.PassOver(time, id, _clock.Now + RecordTime.Milliseconds(Damaged));
            return (null, null);
        }
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
            if (at < now - RecordTime.Milliseconds(_linger))
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
            return (null, Close(id, marker, record, now));
        }

        long claimableAt = record.ClaimableAt();
        if (claimableAt > now)
        {
            await PassOverAsync(id, marker, record, claimableAt, now, cancellationToken).ConfigureAwait(false);
            return (null, claimableAt);
        }

        if (await TryTakeAsync(id, found, marker, lease, now, cancellationToken).ConfigureAwait(false) is not { } mine)
            return (null, null);
        return (new ClaimedItem(mine.ToEntry(id, domains), mine.Epoch), mine.Until);
    }

    // When to look again, null for not before its marker is no longer passed over.
    private long? Close(QueueId id, long? marker, ItemRecord record, long now)
    {
        bool isTaken = _closing.TryAdd(id, record);
        long again = now + RecordTime.Milliseconds(isTaken ? Closing : Unfinished);
        if (marker is { } time)
            _due.PassOver(time, id, again);
        return isTaken ? null : again;
    }

    private bool IsEnough(List<ClaimedItem> items, long end) => items.Count > 0 && _clock.Now >= end;

    // Null where the record has changed meanwhile.
    private async Task<ItemRecord?> TryTakeAsync(QueueId id, StoredRecord found, long? marker, TimeSpan lease, long now, CancellationToken cancellationToken)
    {
        ItemRecord mine = found.Record with { Epoch = found.Record.Epoch + 1, Leased = true, Until = now + RecordTime.Milliseconds(lease), Under = null };
        if (await _records.ReplaceAsync(id, found, mine, cancellationToken).ConfigureAwait(false) is not { } stored)
            return null;
        _held.Note(id, stored);
        if (marker is { } time)
            _due.PassOver(time, id, mine.Until);
        _board?.Hold(id);
        return mine;
    }

    // The item is somebody's, or its time has not come.
    private async Task PassOverAsync(QueueId id, long? marker, ItemRecord record, long claimableAt, long now, CancellationToken cancellationToken)
    {
        if (marker is not { } time)
            _board?.PutOff(id, claimableAt, now);
        else if (record.Leased || time == record.Marker)
            _due.PassOver(time, id, claimableAt);
        else
            await _due.MoveAsync(time, record.Marker, id, cancellationToken).ConfigureAwait(false);
    }
}
