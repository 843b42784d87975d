using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Records;
using SlimtaFast.Storage.Cloud.Schedule;

namespace SlimtaFast.Storage.Cloud.Items;

/// <summary>Names all items in the order of their ids, a page at a time.</summary>
internal static class ItemListing
{
    private const int AtOnce = 32;
    private const int PageSize = 1000;

    // For what our reading of the store's clock may be wrong by, and for stores that tell whole seconds.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Goes through a store once; of it only a page is in memory, and the ids of messages that have several items. What came after the beginning is passed over
    /// without being read, so that a listing ends however fast mail comes.
    /// </summary>
    /// <param name="records">The store.</param>
    /// <param name="clock">The store's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async IAsyncEnumerable<QueueEntry> ReadAsync(RecordStore records, StoreClock clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DateTimeOffset late = LatestAt(clock);
        var domains = new SharedDomains();
        var present = new PresentItems();
        string? after = null;
        do
        {
            ObjectPage page = await records.Objects.ListAsync(ObjectNames.Items, after, PageSize, cancellationToken).ConfigureAwait(false);
            QueueId[] ids = [.. ReadIds(page, late, LatestAt(clock))];
            present.Listed = [.. ids];
            QueueEntry?[] entries = await ReadEntriesAsync(records, ids, present, domains, cancellationToken).ConfigureAwait(false);
            foreach (QueueEntry? entry in entries)
            {
                if (entry is { } named)
                    yield return named;
            }

            after = page.HasMore && page.Objects.Count > 0 ? page.Objects[^1].Name : null;
        }
        while (after is not null);
    }

    /// <summary>What the scheduler must know of some items, several asked for at once; null for those that are none, or no more.</summary>
    public static async Task<QueueEntry?[]> ReadEntriesAsync(RecordStore records, QueueId[] ids, PresentItems present, SharedDomains domains, CancellationToken cancellationToken)
    {
        var entries = new QueueEntry?[ids.Length];
        await Parallel.ForAsync(0, ids.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, token) =>
        {
            try
            {
                if (await records.ReadAsync(ids[i], present, token).ConfigureAwait(false) is { Record: { Closed: false } record })
                    entries[i] = record.ToEntry(ids[i], domains);
            }
            catch (StorageException trouble) when (RecordStore.IsDamage(trouble))
            {
                // It stays for an operator, who was told, and keeps nobody else waiting.
            }
        }).ConfigureAwait(false);
        return entries;
    }

    /// <summary>From when on what is written comes after a listing that begins now.</summary>
    public static DateTimeOffset LatestAt(StoreClock clock) => DateTimeOffset.FromUnixTimeMilliseconds(clock.Now) + Margin;

    /// <summary>The items of a page that were there when the listing began. What is from after now was there before the store's clock was set back.</summary>
    public static IEnumerable<QueueId> ReadIds(ObjectPage page, DateTimeOffset late, DateTimeOffset now)
    {
        foreach (ObjectFacts found in page.Objects)
        {
            bool cameMeanwhile = found.ModifiedAt > late && found.ModifiedAt <= now;
            if (!cameMeanwhile && ObjectNames.TryReadId(found.Name, ObjectNames.Items, out QueueId id))
                yield return id;
        }
    }
}
