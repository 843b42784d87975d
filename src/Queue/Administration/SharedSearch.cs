using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Queue.Sharing;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Administration;

/// <summary>
/// Goes through a storage that processes share, a page at a time: what waits there is in nobody's memory. Where this process has an item it is seen as it is
/// here. One search looks at a time, and reads a few items at once. Thread-safe.
/// </summary>
#pragma warning disable CA1001 // The semaphore has no wait handle, and so nothing to let go of.
internal sealed class SharedSearch
#pragma warning restore CA1001
{
    // What one call looks through at most, where its time is not over before.
    private const int MostLooked = 10_000;
    private const int LeastPage = 50;
    private const int MostPage = 500;
    private const int ReadAtOnce = 8;

    private static readonly TimeSpan Most = TimeSpan.FromSeconds(1);

    private readonly LeasedStorage _storage;
    private readonly ItemSearch _here;
    private readonly Func<string, NextHop> _getNextHop;
    private readonly QueueEnvironment _environment;
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Makes a search.</summary>
    public SharedSearch(LeasedStorage storage, ItemSearch here, Func<string, NextHop> getNextHop, QueueEnvironment environment)
    {
        _storage = storage;
        _here = here;
        _getNextHop = getNextHop;
        _environment = environment;
    }

    /// <summary>True where what is looked for may be in nobody's hands, or another process's.</summary>
    public static bool IsFor(QueueFilter filter) => filter.Place is null or QueuePlace.Waiting or QueuePlace.Held or QueuePlace.Elsewhere;

    /// <summary>Where an item is that this process does not have.</summary>
    public static QueuePlace PlaceOf(DateTimeOffset due, DateTimeOffset now) =>
        due >= DeliveryState.HeldUntil ? QueuePlace.Held : due > now ? QueuePlace.Waiting : QueuePlace.Elsewhere;

    /// <summary>What is known of the place of an item that this process does not have.</summary>
    public static SlotFacts FactsOf(QueueId id, string domain, int attempts) => new(-1, id, domain, attempts, SlotPlace.None, MayBeRerouted: true);

    /// <summary>Finds items, and where to go on; null where there is none behind it.</summary>
    /// <param name="filter">Which items.</param>
    /// <param name="cursor">Where to begin.</param>
    /// <param name="most">About how many: what the storage names at once is not cut.</param>
    /// <param name="reads">Whether each item that is found is to be read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="QueueDeskException">The cursor is none.</exception>
    /// <exception cref="StorageException">The storage does not answer.</exception>
    public async ValueTask<(List<FoundItem> Items, string? Next)> FindAsync(QueueFilter filter, string? cursor, int most, bool reads, CancellationToken cancellationToken)
    {
        List<FoundItem> found = [];
        HashSet<QueueId> seen = [];
        var match = new ItemMatch(filter, _getNextHop, _environment.Time.GetUtcNow());
        bool readsAll = reads || filter.Sender is not null || filter.Recipient is not null || filter.Domain is not null;
        await _one.WaitAsync(cancellationToken);
        try
        {
            long begun = _environment.Time.GetTimestamp();
            int looked = 0;
            do
            {
                // Where few may match, a list's page is not made smaller by what is found already.
                int least = reads && !filter.IsEmpty ? Math.Min(most, LeastPage) : 1;
                QueueEntryPage page = await ListAsync(filter.Place == QueuePlace.Held, cursor, Math.Clamp(most - found.Count, least, MostPage), cancellationToken);
                List<FoundItem> some = Match(match, page.Entries);
                some.RemoveAll(item => !seen.Add(item.Facts.Id));
                if (readsAll)
                    some = await ReadAsync(filter, some, cancellationToken);
                found.AddRange(some);
                looked += page.Entries.Count;
                cursor = page.Next;
            }

            // A page that is nearly full would be filled an item at a time.
            while (cursor is not null && found.Count <= most * 3 / 4 && looked < MostLooked && _environment.Time.GetElapsedTime(begun) < Most);
            return (found, cursor);
        }
        finally
        {
            _one.Release();
        }
    }

    private async ValueTask<QueueEntryPage> ListAsync(bool onlyHeld, string? cursor, int max, CancellationToken cancellationToken)
    {
        try
        {
            return await _storage.ListAsync(onlyHeld, cursor, max, cancellationToken);
        }
        catch (ArgumentException) when (cursor is not null)
        {
            throw new QueueDeskException("The cursor is none that a page before has told.");
        }
    }

    private List<FoundItem> Match(ItemMatch match, IReadOnlyList<QueueEntry> entries)
    {
        Dictionary<QueueId, SlotFacts> here = _here.Locate(entries.Select(static entry => entry.Id)).ToDictionary(static facts => facts.Id);
        List<FoundItem> found = new(entries.Count);
        foreach (QueueEntry entry in entries)
        {
            bool isHere = here.TryGetValue(entry.Id, out SlotFacts facts);
            if (isHere ? match.IsMeant(facts) : match.IsMeant(entry))
                found.Add(new FoundItem(isHere ? facts : FactsOf(entry.Id, entry.Domain, entry.Attempts), null, entry.DueAt));
        }

        return found;
    }

    private async ValueTask<List<FoundItem>> ReadAsync(QueueFilter filter, List<FoundItem> found, CancellationToken cancellationToken)
    {
        var items = new QueueItem?[found.Count];
        await Parallel.ForAsync(0, items.Length, new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce, CancellationToken = cancellationToken }, async (i, token) =>
        {
            try
            {
                items[i] = await _here.ReadAsync(found[i].Facts.Id, token);
            }
            catch (StorageException trouble) when (trouble.InnerException is InvalidDataException)
            {
                // Damaged: the storage has told an operator, who wants to see the others.
            }
        });
        return [.. found.Select((some, i) => some with { Item = items[i] }).Where(some => some.Item is { } item && filter.Matches(item.Envelope))];
    }
}
