using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud.Schedule;

/// <summary>
/// Empty objects whose names stand in the order of due times, so that what is due is a listing's beginning and nobody has to know the whole backlog. They
/// only say where to look: the records decide. Thread-safe.
/// </summary>
internal sealed class DueList
{
    private const int MostListed = 1000;
    private const int MostPassed = 100_000;

    private readonly RecordStore _records;

    // Markers whose items are known to be somebody's until then.
    private readonly ConcurrentDictionary<string, long> _passed = new(StringComparer.Ordinal);

    /// <summary>Keeps markers where the records are.</summary>
    public DueList(RecordStore records) => _records = records;

    /// <summary>Puts an item into the list.</summary>
    public async Task AddAsync(long time, QueueId id, CancellationToken cancellationToken) =>
        await _records.Objects.PutAsync(ObjectNames.Marker(time, id), default, [], PutCondition.None, cancellationToken).ConfigureAwait(false);

    /// <summary>Moves an item from one time to another; the new one is there before the old one is gone.</summary>
    public async Task MoveAsync(long from, long to, QueueId id, CancellationToken cancellationToken)
    {
        if (from == to)
        {
            // Its holder gave it back for the time for which it stood there before: it is passed over no more.
            _passed.TryRemove(ObjectNames.Marker(from, id), out _);
            return;
        }

        await AddAsync(to, id, cancellationToken).ConfigureAwait(false);
        await RemoveAsync(from, id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes an item out.</summary>
    public async Task RemoveAsync(long time, QueueId id, CancellationToken cancellationToken)
    {
        string name = ObjectNames.Marker(time, id);
        await _records.Objects.DeleteAsync([name], cancellationToken).ConfigureAwait(false);
        _passed.TryRemove(name, out _);
    }

    /// <summary>Has a marker passed over until then, because its item is somebody's.</summary>
    public void PassOver(long time, QueueId id, long until)
    {
        if (_passed.Count >= MostPassed)
            _passed.Clear();
        _passed[ObjectNames.Marker(time, id)] = until;
    }

    /// <summary>
    /// Lists markers that are due, from where the last page ended: the markers, where to go on or null at the end, and the time at which something
    /// more may be due, null where nothing is known of.
    /// </summary>
    public async Task<(List<(long Time, QueueId Id)> Due, string? After, long? Next)> ListAsync(string? after, long now, int max, CancellationToken cancellationToken)
    {
        // Where the beginning is in somebody's hands, much of what follows is too: the next pages are as large as can be had for one request.
        int size = after is null ? Math.Clamp(max + 1, 100, MostListed) : MostListed;
        ObjectPage page = await _records.Objects.ListAsync(ObjectNames.Due, after, size, cancellationToken).ConfigureAwait(false);
        var due = new List<(long Time, QueueId Id)>(page.Objects.Count);
        long? next = null;
        foreach (ObjectFacts marker in page.Objects)
        {
            if (!ObjectNames.TryReadMarker(marker.Name, out long time, out QueueId id))
                continue;
            if (time > now)
                return (due, null, Earlier(next, time));
            if (_passed.TryGetValue(marker.Name, out long until))
            {
                if (until > now)
                {
                    next = Earlier(next, until);
                    continue;
                }

                _passed.TryRemove(marker.Name, out _);
            }

            due.Add((time, id));
        }

        return (due, page.HasMore && page.Objects.Count > 0 ? page.Objects[^1].Name : null, next);
    }

    /// <summary>The earlier of two times, of which either may be none.</summary>
    public static long? Earlier(long? left, long? right) => left is null ? right : right is null ? left : Math.Min(left.Value, right.Value);
}
