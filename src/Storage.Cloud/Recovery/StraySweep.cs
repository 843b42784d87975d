using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Contents;
using SlimtaFast.Storage.Cloud.Items;
using SlimtaFast.Storage.Cloud.Records;
using SlimtaFast.Storage.Cloud.Schedule;

namespace SlimtaFast.Storage.Cloud.Recovery;

/// <summary>
/// Looks through everything for what a process left unfinished that died, or whose requests were lost: items that are missing in the list of due times,
/// items that never became any, closed ones, and what belongs to nothing. Only what is old enough counts, because others are at work. Runs one at a time.
/// </summary>
internal sealed class StraySweep
{
    // Where a listing may lack what is there, for as long as whoever makes it is behind: nobody can be asked then who needs a content.
    private static readonly TimeSpan LongestLag = TimeSpan.FromDays(1);

    // Nobody comes by a marker of a later time soon, such as that of an item that an operator holds.
    private static readonly TimeSpan FarAhead = TimeSpan.FromDays(1);

    private const int PageSize = 1000;

    private readonly RecordStore _records;
    private readonly ContentStore _contents;
    private readonly ItemClosing _closing;
    private readonly DueList _due;
    private readonly StoreClock _clock;
    private readonly TimeSpan _linger;

    /// <summary>Looks through a store.</summary>
    public StraySweep(RecordStore records, ContentStore contents, ItemClosing closing, DueList due, StoreClock clock, TimeSpan linger)
    {
        _records = records;
        _contents = contents;
        _closing = closing;
        _due = due;
        _clock = clock;
        _linger = linger;
    }

    /// <summary>Looks through everything once; of it only ids are in memory.</summary>
    public async Task<SweepResult> RunAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset before = DateTimeOffset.FromUnixTimeMilliseconds(_clock.Now) - _linger;
        long soon = _clock.Now + RecordTime.Milliseconds(FarAhead);
        var marked = new HashSet<QueueId>();
        var far = new List<(long Time, QueueId Id)>();
        await foreach (ObjectFacts found in ListAsync(ObjectNames.Due, cancellationToken).ConfigureAwait(false))
        {
            if (!ObjectNames.TryReadMarker(found.Name, out long time, out QueueId id))
                continue;
            marked.Add(id);
            if (time > soon && found.ModifiedAt <= before)
                far.Add((time, id));
        }

        (long markers, long stray) = await CheckFarAsync(far, cancellationToken).ConfigureAwait(false);
        var items = new HashSet<QueueId>();
        await foreach (ObjectFacts found in ListAsync(ObjectNames.Items, cancellationToken).ConfigureAwait(false))
        {
            if (!ObjectNames.TryReadId(found.Name, ObjectNames.Items, out QueueId id))
                continue;
            items.Add(id);
            if (found.ModifiedAt > before || marked.Contains(id))
                continue;
            try
            {
                if (await _records.ReadAsync(id, cancellationToken).ConfigureAwait(false) is not { } record)
                    stray += await SettleAsync(id, cancellationToken).ConfigureAwait(false) ? 1 : 0;
                else if (record.Record.Closed)
                    await _closing.FinishAsync(id, record.Record, cancellationToken).ConfigureAwait(false);
                else
                    markers += await AddMarkerAsync(id, record.Record, cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException trouble) when (RecordStore.IsDamage(trouble))
            {
                // It stays for an operator, who was told.
            }
        }

        stray += await EndStatesAsync(items, before, cancellationToken).ConfigureAwait(false);
        stray += await EndContentsAsync(items, before, cancellationToken).ConfigureAwait(false);
        return new SweepResult(items.Count, markers, stray);
    }

    // An item may have been given an earlier time, or be gone, and its maker have died before the list said so: no claim would ever find that out.
    private async Task<(long Moved, long Stray)> CheckFarAsync(List<(long Time, QueueId Id)> far, CancellationToken cancellationToken)
    {
        long moved = 0, stray = 0;
        foreach ((long time, QueueId id) in far)
        {
            try
            {
                StoredRecord? found = await _records.ReadAsync(id, cancellationToken).ConfigureAwait(false);
                if (found is { Record.Closed: false } && found.Record.Marker == time)
                    continue;
                if (found is { Record.Closed: false })
                {
                    await _due.MoveAsync(time, found.Record.Marker, id, cancellationToken).ConfigureAwait(false);
                    moved++;
                    continue;
                }

                if (found is not null)
                    await _closing.FinishAsync(id, found.Record, cancellationToken).ConfigureAwait(false);
                else if (await _records.Objects.FindAsync(ObjectNames.Item(id), cancellationToken).ConfigureAwait(false) is not null
                    && !await SettleAsync(id, cancellationToken).ConfigureAwait(false))
                    continue;
                await _due.RemoveAsync(time, id, cancellationToken).ConfigureAwait(false);
                stray++;
            }
            catch (StorageException trouble) when (RecordStore.IsDamage(trouble))
            {
                // It stays for an operator, who was told.
            }
        }

        return (moved, stray);
    }

    private async Task<int> AddMarkerAsync(QueueId id, ItemRecord record, CancellationToken cancellationToken)
    {
        await _due.AddAsync(record.Marker, id, cancellationToken).ConfigureAwait(false);
        return 1;
    }

    // Finds out what became of the step that an item waits for; true where the item is gone.
    private async Task<bool> SettleAsync(QueueId id, CancellationToken cancellationToken)
    {
        if (await _records.ReadLineAsync(id, cancellationToken).ConfigureAwait(false) is not { Under: { } text } line || !QueueId.TryParse(text, out QueueId under))
            return false;
        StoredRecord? other = await _records.ReadAsync(under, cancellationToken).ConfigureAwait(false);
        if (other?.Record.Releases?.Contains(id.ToString()) == true)
        {
            await _closing.ReleaseAsync(other.Record.ReleasedIds(), cancellationToken).ConfigureAwait(false);
            return false;
        }

        // The step may still be done while its maker holds the other item.
        if (other is { Record.Closed: false } && other.Record.Epoch == line.UnderEpoch && other.Record.Version < line.UnderVersion)
            return false;

        // Asked again: what the other named got a record of its own before it went.
        if (await _records.ReadStateAsync(id, cancellationToken).ConfigureAwait(false) is not null)
            return false;
        await _records.Objects.DeleteAsync([ObjectNames.Item(id)], cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<long> EndStatesAsync(HashSet<QueueId> items, DateTimeOffset before, CancellationToken cancellationToken)
    {
        long count = 0;
        await foreach (ObjectFacts found in ListAsync(ObjectNames.States, cancellationToken).ConfigureAwait(false))
        {
            if (found.ModifiedAt > before || !ObjectNames.TryReadId(found.Name, ObjectNames.States, out QueueId id) || items.Contains(id))
                continue;

            // Asked again: a listing may lag behind.
            if (await _records.Objects.FindAsync(ObjectNames.Item(id), cancellationToken).ConfigureAwait(false) is not null)
                continue;
            try
            {
                if (await _records.ReadStateAsync(id, cancellationToken).ConfigureAwait(false) is { } record)
                    await _closing.FinishAsync(id, record.Record, cancellationToken).ConfigureAwait(false);
                count++;
            }
            catch (StorageException trouble) when (RecordStore.IsDamage(trouble))
            {
                // It stays for an operator, who was told.
            }
        }

        return count;
    }

    private async Task<long> EndContentsAsync(HashSet<QueueId> items, DateTimeOffset before, CancellationToken cancellationToken)
    {
        long count = 0;
        var used = new HashSet<QueueId>();
        await foreach (ObjectFacts found in ListAsync(ObjectNames.Uses, cancellationToken).ConfigureAwait(false))
        {
            int at = found.Name.LastIndexOf('/');
            if (at < ObjectNames.Uses.Length
                || !QueueId.TryParse(found.Name.AsSpan(ObjectNames.Uses.Length, at - ObjectNames.Uses.Length), out QueueId content)
                || !QueueId.TryParse(found.Name.AsSpan(at + 1), out QueueId item))
                continue;
            if (found.ModifiedAt > before || items.Contains(item) || await _records.Objects.FindAsync(ObjectNames.Item(item), cancellationToken).ConfigureAwait(false) is not null)
            {
                used.Add(content);
                continue;
            }

            await _contents.EndUseAsync(content, item, true, cancellationToken).ConfigureAwait(false);
            count++;
        }

        DateTimeOffset unneeded = _records.Objects.ListsAtOnce ? before : before - LongestLag;
        await foreach (ObjectFacts found in ListAsync(ObjectNames.Contents, cancellationToken).ConfigureAwait(false))
        {
            // Parts of an upload that was not ended stand behind its name.
            ReadOnlySpan<char> rest = found.Name.AsSpan(ObjectNames.Contents.Length);
            bool isPart = rest.Length > QueueId.PrintedLength;
            if (found.ModifiedAt > before || rest.Length < QueueId.PrintedLength || !QueueId.TryParse(rest[..QueueId.PrintedLength], out QueueId content) || used.Contains(content))
                continue;

            // Asked again: whose content it is has the same name as a rule.
            if (found.ModifiedAt > unneeded || await _records.Objects.FindAsync(ObjectNames.Item(content), cancellationToken).ConfigureAwait(false) is not null)
                continue;

            // A part of one that is there goes with it.
            if (isPart && await _records.Objects.FindAsync(ObjectNames.Content(content), cancellationToken).ConfigureAwait(false) is not null)
                continue;
            if (isPart)
                await _records.Objects.DeleteAsync([found.Name], cancellationToken).ConfigureAwait(false);
            else
                _contents.Unneeded(content);
            count++;
        }

        await foreach (ObjectFacts found in ListAsync(ObjectNames.Probe, cancellationToken).ConfigureAwait(false))
        {
            if (found.ModifiedAt > before)
                continue;
            await _records.Objects.DeleteAsync([found.Name], cancellationToken).ConfigureAwait(false);
            count++;
        }

        return count;
    }

    private async IAsyncEnumerable<ObjectFacts> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            ObjectPage page = await _records.Objects.ListAsync(prefix, after, PageSize, cancellationToken).ConfigureAwait(false);
            foreach (ObjectFacts found in page.Objects)
                yield return found;
            after = page.HasMore && page.Objects.Count > 0 ? page.Objects[^1].Name : null;
        }
        while (after is not null);
    }
}
