using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Items;

/// <summary>Names all items, and puts back among those that wait what is missing there. Stateless but for its connection.</summary>
internal sealed class ItemListing
{
    private const int PageSize = 500;
    private const int ScanSize = 1000;

    private readonly RedisConnection _redis;
    private readonly ItemReader _reader;

    /// <summary>Lists by way of a connection.</summary>
    public ItemListing(RedisConnection redis, ItemReader reader)
    {
        _redis = redis;
        _reader = reader;
    }

    /// <summary>All items, oldest first; only their names are in memory together.</summary>
    /// <param name="looked">Ends when all keys were looked through, and fails where that does.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<QueueEntry> ListAsync(Task looked, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Where the set of due times got lost it names all of them only then, and whoever copies a queue would leave the others behind.
        await looked.WaitAsync(cancellationToken).ConfigureAwait(false);
        List<(QueueId Id, int Place)> all = await FindAllAsync(cancellationToken).ConfigureAwait(false);
        var domains = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int at = 0; at < all.Count; at += PageSize)
        {
            List<(QueueId Id, int Place)> page = all.GetRange(at, Math.Min(PageSize, all.Count - at));
            var entries = new List<QueueEntry>(page.Count);
            foreach (IGrouping<int, (QueueId Id, int Place)> group in page.GroupBy(static item => item.Place))
                entries.AddRange(await _reader.ReadEntriesAsync(group.Key, [.. group.Select(static item => item.Id)], domains, cancellationToken).ConfigureAwait(false));
            entries.Sort(static (left, right) => left.Id.CompareTo(right.Id));
            foreach (QueueEntry entry in entries)
                yield return entry;
        }
    }

    /// <summary>
    /// Looks through all keys behind the prefix, a few at a time, and puts messages that are missing in the set of due times into it: all of them where
    /// the set got lost. Keys that are no messages are passed over.
    /// </summary>
    /// <param name="run">Runs the script for some ids of a place; tells how many were missing and how many were foreign.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<(long Keys, long Added, long Foreign)> RebuildAsync(Func<int, List<string>, Task<(long Added, long Foreign)>> run, CancellationToken cancellationToken)
    {
        long keys = 0, added = 0, foreign = 0;
        for (int place = 0; place < _redis.Keys.Places; place++)
        {
            IServer server = FindServer(place);
            var ids = new List<string>(ScanSize);
            string pattern = Escape(_redis.Keys.PrefixOf(place)) + "*";
            await foreach (RedisKey key in server.KeysAsync(_redis.Database.Database, pattern, ScanSize, flags: CommandFlags.DemandMaster).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                keys++;
                if (_redis.Keys.TryGetName(key.ToString(), place, out string id))
                    ids.Add(id);
                if (ids.Count < ScanSize)
                    continue;
                await FlushAsync(place).ConfigureAwait(false);
            }

            if (ids.Count > 0)
                await FlushAsync(place).ConfigureAwait(false);

            async Task FlushAsync(int at)
            {
                (long more, long others) = await run(at, ids).ConfigureAwait(false);
                added += more;
                foreign += others;
                ids.Clear();
            }
        }

        return (keys, added, foreign);
    }

    // What python-slimta did not do: a prefix may hold characters that a pattern gives a meaning to.
    private static string Escape(string prefix)
    {
        var text = new System.Text.StringBuilder(prefix.Length);
        foreach (char c in prefix)
        {
            if (c is '*' or '?' or '[' or ']' or '\\')
                text.Append('\\');
            text.Append(c);
        }

        return text.ToString();
    }

    private async Task<List<(QueueId Id, int Place)>> FindAllAsync(CancellationToken cancellationToken)
    {
        var all = new List<(QueueId Id, int Place)>();
        try
        {
            for (int place = 0; place < _redis.Keys.Places; place++)
            {
                IAsyncEnumerable<SortedSetEntry> due = _redis.Database.SortedSetScanAsync(_redis.Keys.Due(place), pageSize: ScanSize, flags: CommandFlags.DemandMaster);
                await foreach (SortedSetEntry entry in due.WithCancellation(cancellationToken).ConfigureAwait(false))
                {
                    if (QueueId.TryParse(entry.Element.ToString(), out QueueId id))
                        all.Add((id, place));
                }
            }
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw RedisFault.Translate(trouble);
        }

        // A scan names some twice while the set changes.
        all.Sort();
        int kept = 0;
        for (int i = 0; i < all.Count; i++)
        {
            if (i == 0 || all[i].Id != all[i - 1].Id)
                all[kept++] = all[i];
        }

        all.RemoveRange(kept, all.Count - kept);
        return all;
    }

    private IServer FindServer(int place)
    {
        System.Net.EndPoint endPoint = _redis.Multiplexer.GetDatabase().IdentifyEndpoint(_redis.Keys.Due(place), CommandFlags.DemandMaster)
            ?? throw new StorageException(StorageFailure.Unavailable, "No Redis server has the keys.");
        return _redis.Multiplexer.GetServer(endPoint);
    }
}
