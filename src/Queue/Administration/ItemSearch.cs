using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Administration;

/// <summary>
/// Goes through the slots, a few at a time under the scheduler's lock, so that new mail never waits for a search. An item is read only where
/// what is looked for is not in its slot. One search looks at a time, and slowly while there is mail to be handled. Thread-safe.
/// </summary>
internal sealed class ItemSearch
{
    // What one call looks through and reads at most, where its time is not over before: some milliseconds, and some tens of them.
    private const int MostLooked = 1 << 18;
    private const int MostRead = 2000;

    private readonly Scheduler _scheduler;
    private readonly IQueueStorage _storage;
    private readonly Func<string, NextHop> _getNextHop;
    private readonly QueueEnvironment _environment;
    private readonly SearchPace _pace;

    /// <summary>Makes a search.</summary>
    public ItemSearch(Scheduler scheduler, IQueueStorage storage, Func<string, NextHop> getNextHop, QueueEnvironment environment)
    {
        _scheduler = scheduler;
        _storage = storage;
        _getNextHop = getNextHop;
        _environment = environment;
        _pace = new SearchPace(() => scheduler.Turnover, environment.Time);
    }

    /// <summary>Finds items, and the slot to go on with; -1 where there is none behind it.</summary>
    /// <param name="filter">Which items.</param>
    /// <param name="from">The slot to begin with.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="reads">Whether each item that is found is to be read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<(List<FoundItem> Items, int Next)> FindAsync(QueueFilter filter, int from, int most, bool reads, CancellationToken cancellationToken)
    {
        List<FoundItem> found = [];
        var match = new ItemMatch(filter, _getNextHop, _environment.Time.GetUtcNow());
        bool readsToMatch = filter.Sender is not null || filter.Recipient is not null;
        int looked = 0, read = 0;
        var block = new SlotFacts[Scheduler.SlotsALook];
        using SearchPace.Turn turn = await _pace.BeginAsync(cancellationToken);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await turn.RestAsync(cancellationToken);
            int count = _scheduler.Look(ref from, block, out bool isEnd);
            looked += Scheduler.SlotsALook;
            for (int i = 0; i < count; i++)
            {
                SlotFacts facts = block[i];
                bool isOtherDomain = filter.Domain is not null && !facts.MayBeRerouted && !facts.Domain.Equals(filter.Domain, StringComparison.OrdinalIgnoreCase);
                if (isOtherDomain || !match.IsMeant(facts))
                    continue;
                if (found.Count == most || read == MostRead || (read > 0 && turn.IsOver))
                    return (found, facts.Slot);
                QueueItem? item = null;
                if (reads || readsToMatch || (filter.Domain is not null && facts.MayBeRerouted))
                {
                    read++;
                    item = await ReadAsync(facts.Id, cancellationToken);
                    await turn.RestAsync(cancellationToken);
                    if (item is null || !filter.Matches(item.Envelope))
                        continue;
                }

                found.Add(new FoundItem(facts, item));
            }

            if (isEnd)
                return (found, -1);
            if (looked >= MostLooked || turn.IsOver)
                return (found, from);
        }
    }

    /// <summary>Finds the slots of items, in one pass over all; those that are not there are left out.</summary>
    public List<SlotFacts> Locate(IEnumerable<QueueId> ids)
    {
        HashSet<QueueId> wanted = [.. ids];
        List<SlotFacts> found = new(wanted.Count);
        var block = new SlotFacts[Scheduler.SlotsALook];
        int from = 0;
        bool isEnd = wanted.Count == 0;
        while (!isEnd && wanted.Count > 0)
        {
            int count = _scheduler.Look(ref from, block, out isEnd);
            for (int i = 0; i < count; i++)
            {
                if (wanted.Remove(block[i].Id))
                    found.Add(block[i]);
            }
        }

        return found;
    }

    /// <summary>Reads an item without keeping its content; null where it is gone.</summary>
    public async ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken)
    {
        QueueItem? item = await _storage.ReadAsync(id, cancellationToken);
        item?.Envelope.Content.Release();
        return item is { State.IsClosed: false } ? item : null;
    }

    /// <summary>Where an item in that place is, in an operator's words.</summary>
    public static QueuePlace ToPublic(SlotPlace place) => place switch
    {
        SlotPlace.Waiting => QueuePlace.Waiting,
        SlotPlace.Held => QueuePlace.Held,
        SlotPlace.Attempting => QueuePlace.Attempting,
        SlotPlace.Recording => QueuePlace.Recording,
        SlotPlace.TakenOut => QueuePlace.Changing,
        _ => QueuePlace.Ready,
    };
}
