using System.Runtime.CompilerServices;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk;

/// <summary>Names what is stored, oldest first (but for those that the scan hands out ahead of their turn), going along with the scan of the spool where that still runs.</summary>
internal static class ItemLoading
{
    /// <summary>Names what is stored at the time of the call; each item once, though the scan and the index name some both.</summary>
    public static async IAsyncEnumerable<QueueEntry> LoadAsync(StorageIndex index, LoadFeed feed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LoadFeed.Place place = feed.End;
        QueueId[] known = index.SortedIds();
        int next = 0;
        QueueId last = default;
        HashSet<QueueId> ahead = [];
        foreach (QueueId id in feed.Ahead)
        {
            if (TryGetAhead(id, out QueueEntry early))
                yield return early;
        }

        while (!place.IsLast)
        {
            (LoadFeed.Found found, place) = await place.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (found.IsAhead)
            {
                foreach (QueueId id in found.Ids)
                {
                    if (TryGetAhead(id, out QueueEntry early))
                        yield return early;
                }

                continue;
            }

            foreach (QueueId id in found.Ids)
            {
                for (; next < known.Length && known[next] < id; next++)
                {
                    if (TryGetLater(known[next], out QueueEntry earlier))
                        yield return earlier;
                }

                if (TryGetLater(id, out QueueEntry entry))
                    yield return entry;
            }
        }

        for (; next < known.Length; next++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryGetLater(known[next], out QueueEntry entry))
                yield return entry;
        }

        bool TryGetAhead(QueueId id, out QueueEntry entry)
        {
            bool isThere = index.TryGetEntry(id, out entry) && ahead.Add(id);
            entry = entry with { IsEarly = isThere };
            return isThere;
        }

        bool TryGetLater(QueueId id, out QueueEntry entry)
        {
            entry = default;
            if (id <= last || ahead.Contains(id) || !index.TryGetEntry(id, out entry))
                return false;
            last = id;
            return true;
        }
    }
}
