using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using SlimtaFast.Storage.Redis.Scripts;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Items;

/// <summary>
/// Names items a page at a time for whoever looks at the queue. All of them by scanning the sets of due times: a scan ends, and names whatever is in a set all
/// the while, also what changes its time, but only where each of its steps is taken as a whole. Those that an operator holds by their ids, from the end of the
/// sets. A cursor is the place and the step, or the last id. Thread-safe.
/// </summary>
internal sealed class ItemPages
{
    private const int LeastScan = 10;
    private const int MostScan = 1000;

    private readonly RedisConnection _redis;
    private readonly ItemReader _reader;

    /// <summary>Lists by way of a connection.</summary>
    public ItemPages(RedisConnection redis, ItemReader reader)
    {
        _redis = redis;
        _reader = reader;
    }

    /// <summary>Reads a page.</summary>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    /// <exception cref="StorageException">A server cannot be asked.</exception>
    public async ValueTask<QueueEntryPage> ReadAsync(bool onlyHeld, string? cursor, int max, CancellationToken cancellationToken)
    {
        (int place, ulong step, QueueId last) = cursor is null ? default : Parse(cursor);
        var entries = new List<QueueEntry>();
        var domains = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            int left = Math.Min(max - entries.Count, MostScan);
            (step, List<QueueId> ids) = onlyHeld
                ? (0, await FindHeldAsync(place, last, left, cancellationToken).ConfigureAwait(false))
                : await ScanAsync(place, step, Math.Max(left, LeastScan), cancellationToken).ConfigureAwait(false);
            if (ids.Count > 0)
                entries.AddRange(await _reader.ReadEntriesAsync(place, ids, domains, cancellationToken).ConfigureAwait(false));
            bool isPlaceDone = onlyHeld ? ids.Count < left : step == 0;
            last = onlyHeld && !isPlaceDone ? ids[^1] : default;
            if (isPlaceDone && ++place == _redis.Keys.Places)
                return new QueueEntryPage(entries, null);
            if (entries.Count >= max || ids.Count > 0)
                return new QueueEntryPage(entries, string.Create(CultureInfo.InvariantCulture, $"{place}-{step}-{last}"));
        }
    }

    private (int Place, ulong Step, QueueId Last) Parse(string cursor)
    {
        string[] parts = cursor.Split('-');
        return parts.Length == 3
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int place) && place < _redis.Keys.Places
            && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong step)
            && QueueId.TryParse(parts[2], out QueueId last)
            ? (place, step, last)
            : throw new ArgumentException("The cursor is none of this storage.", nameof(cursor));
    }

    // One step: where the next one begins, 0 behind the last, and what it named, oldest first and each once.
    private async ValueTask<(ulong Next, List<QueueId> Ids)> ScanAsync(int place, ulong step, int size, CancellationToken cancellationToken)
    {
        object[] arguments = [_redis.Keys.Due(place), step.ToString(CultureInfo.InvariantCulture), "COUNT", size];
        RedisResult answer = await _redis.AskAsync(database => database.ExecuteAsync("ZSCAN", arguments, CommandFlags.DemandMaster), cancellationToken).ConfigureAwait(false);
        var parts = (RedisResult[])answer!;
        var members = (RedisValue[])parts[1]!;
        return (ulong.Parse(parts[0].ToString(), CultureInfo.InvariantCulture), ReadIds(members, 2));
    }

    private static List<QueueId> ReadIds(RedisValue[] members, int stride)
    {
        var ids = new SortedSet<QueueId>();
        for (int i = 0; i < members.Length; i += stride)
        {
            if (QueueId.TryParse(members[i].ToString(), out QueueId id))
                ids.Add(id);
        }

        return [.. ids];
    }

    private async ValueTask<List<QueueId>> FindHeldAsync(int place, QueueId last, int most, CancellationToken cancellationToken)
    {
        RedisValue[] values = [_redis.Keys.PrefixOf(place), last.ToString(), most];
        var members = (RedisValue[])(await _redis.RunAsync(ScriptText.Held, place, values, cancellationToken).ConfigureAwait(false))!;
        return ReadIds(members, 1);
    }
}
