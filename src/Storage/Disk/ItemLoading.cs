using System.Runtime.CompilerServices;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk;

/// <summary>Names what is stored, oldest first, going along with the scan of the spool where that still runs.</summary>
internal static class ItemLoading
{
    /// <summary>Names what is stored at the time of the call; each item once, though the scan and the index name some both.</summary>
    public static async IAsyncEnumerable<QueueEntry> LoadAsync(StorageIndex index, LoadFeed feed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LoadFeed.Place place = feed.End;
        QueueId[] known = index.SortedIds();
        int next = 0;
        QueueId last = default;
        while (!place.IsLast)
        {
            (QueueId[] found, place) = await place.ReadAsync(cancellationToken).ConfigureAwait(false);
            foreach (QueueId id in found)
            {
                for (; next < known.Length && known[next] < id; next++)
                {
                    if (TryGetLater(index, known[next], ref last, out QueueEntry earlier))
                        yield return earlier;
                }

                if (TryGetLater(index, id, ref last, out QueueEntry entry))
                    yield return entry;
            }
        }

        for (; next < known.Length; next++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryGetLater(index, known[next], ref last, out QueueEntry entry))
                yield return entry;
        }
    }

    private static bool TryGetLater(StorageIndex index, QueueId id, ref QueueId last, out QueueEntry entry)
    {
        entry = default;
        if (id <= last || !index.TryGetEntry(id, out entry))
            return false;
        last = id;
        return true;
    }
}
