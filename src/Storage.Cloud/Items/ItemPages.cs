using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Records;
using SlimtaFast.Storage.Cloud.Schedule;

namespace SlimtaFast.Storage.Cloud.Items;

/// <summary>
/// Names items a page at a time for whoever looks at the queue: all of them in the order of their ids, or from the end of the list of due times those that an
/// operator holds. A cursor is when its listing began and the last name. Thread-safe.
/// </summary>
internal sealed class ItemPages
{
    private const int PageSize = 1000;

    // Pages of which nothing is read, before the answer.
    private const int MostPassed = 10;

    private static readonly long HeldAt = RecordTime.Milliseconds(DeliveryState.HeldUntil);

    private readonly RecordStore _records;
    private readonly StoreClock _clock;

    /// <summary>Lists a store.</summary>
    public ItemPages(RecordStore records, StoreClock clock)
    {
        _records = records;
        _clock = clock;
    }

    /// <summary>Reads a page.</summary>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    public async Task<QueueEntryPage> ReadAsync(bool onlyHeld, string? cursor, int max, CancellationToken cancellationToken)
    {
        string prefix = onlyHeld ? ObjectNames.Due : ObjectNames.Items;
        (DateTimeOffset late, string? after) = cursor is null ? (ItemListing.LatestAt(_clock), onlyHeld ? ObjectNames.Marker(HeldAt, default) : null) : Parse(cursor, prefix);
        for (int passed = 1; ; passed++)
        {
            ObjectPage page = await _records.Objects.ListAsync(prefix, after, Math.Min(max, PageSize), cancellationToken).ConfigureAwait(false);
            QueueId[] ids = [.. onlyHeld ? ReadMarkers(page) : ItemListing.ReadIds(page, late, ItemListing.LatestAt(_clock))];
            QueueEntry?[] entries = await ItemListing.ReadEntriesAsync(_records, ids, new PresentItems { Listed = onlyHeld ? [] : [.. ids] }, new SharedDomains(), cancellationToken).ConfigureAwait(false);
            after = page.HasMore && page.Objects.Count > 0 ? page.Objects[^1].Name : null;
            if (ids.Length == 0 && after is not null && passed < MostPassed)
                continue;
            QueueEntry[] found = [.. entries.OfType<QueueEntry>().Where(entry => !onlyHeld || entry.DueAt >= DeliveryState.HeldUntil)];
            return new QueueEntryPage(found, after is null ? null : Write(late, after));
        }
    }

    private static IEnumerable<QueueId> ReadMarkers(ObjectPage page)
    {
        foreach (ObjectFacts marker in page.Objects)
        {
            if (ObjectNames.TryReadMarker(marker.Name, out _, out QueueId id))
                yield return id;
        }
    }

    private static string Write(DateTimeOffset late, string name) => string.Create(CultureInfo.InvariantCulture, $"{late.ToUnixTimeMilliseconds():x}-{name}");

    private static (DateTimeOffset Late, string After) Parse(string cursor, string prefix)
    {
        int dash = cursor.IndexOf('-', StringComparison.Ordinal);
        return dash is > 0 and <= 12 && long.TryParse(cursor.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long late)
            && late <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() && cursor.AsSpan(dash + 1).StartsWith(prefix, StringComparison.Ordinal)
            ? (DateTimeOffset.FromUnixTimeMilliseconds(late), cursor[(dash + 1)..])
            : throw new ArgumentException("The cursor is none of this storage.", nameof(cursor));
    }
}
