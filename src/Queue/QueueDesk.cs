using SlimtaFast.Mail;
using SlimtaFast.Queue.Administration;
using SlimtaFast.Queue.Delivery;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Queue.Sharing;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue;

/// <summary>
/// What an operator may see and do of a <see cref="MailQueue"/>. On a storage that processes share this is about all of its items where the storage lists them,
/// whoever has them, but what another process has is not ordered about; totals and next hops are this process's.
/// A call does a bounded amount of work, and new mail never waits for a search. Suspending a next hop and pausing last until the end of the
/// process at most. Thread-safe.
/// </summary>
public sealed class QueueDesk
{
    /// <summary>Items that a page has at most.</summary>
    public const int MostListed = 1000;

    /// <summary>Items that one order is for at most.</summary>
    public const int MostOrdered = 10_000;

    /// <summary>Next hops that are suspended by operators at most.</summary>
    public const int MostStoppedHops = 1000;

    private const int MostNameCharacters = 1000;

    private readonly Scheduler _scheduler;
    private readonly IQueueStorage _storage;
    private readonly DeliveryPump _pump;
    private readonly AttemptHistory _history;
    private readonly QueueIdGenerator _ids;
    private readonly QueueEnvironment _environment;
    private readonly ItemSearch _search;
    private readonly SharedSearch? _shared;
    private readonly ItemOrders _orders;
    private readonly Func<bool> _isLoading;
    private readonly bool _holds;
    private readonly long _run;

    internal QueueDesk(
        Scheduler scheduler, IQueueStorage storage, DeliveryPump pump, OutcomeRecorder recorder, QueueMetrics metrics, AttemptHistory history, Func<bool> isLoading, bool holds,
        QueueIdGenerator ids, QueueEnvironment environment)
    {
        _ids = ids;
        _scheduler = scheduler;
        _storage = storage;
        _pump = pump;
        _history = history;
        _environment = environment;
        _isLoading = isLoading;
        _holds = holds;
        _run = environment.Time.GetUtcNow().UtcTicks;
        _search = new ItemSearch(scheduler, storage, pump.GetNextHop, environment);
        _shared = storage is LeasedStorage { ListsAll: true } leased ? new SharedSearch(leased, _search, pump.GetNextHop, environment) : null;
        _orders = new ItemOrders(scheduler, storage, pump, recorder, metrics, history, environment);
    }

    /// <summary>True where the storage is one that processes share, so that totals and next hops are about what this process holds of it.</summary>
    public bool IsShared => _storage is LeasedStorage;

    /// <summary>True where an item that this process does not have can be seen and ordered about by its id, or where there is none such.</summary>
    public bool ReachesAll => _storage is not LeasedStorage { ClaimsById: false };

    /// <summary>True while all deliveries are paused.</summary>
    public bool IsPaused => _scheduler.IsPaused;

    /// <summary>Lists items, a page at a time.</summary>
    /// <param name="filter">Which items.</param>
    /// <param name="cursor">Where to go on, as the page before told; null to begin.</param>
    /// <param name="most">Items at most; some more where a storage that processes share names them at once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="QueueDeskException">The filter or the cursor is none.</exception>
    /// <exception cref="StorageException">An item cannot be read.</exception>
    public async ValueTask<ItemPage> SearchAsync(QueueFilter filter, string? cursor = null, int most = 100, CancellationToken cancellationToken = default)
    {
        Check(filter);
        most = Math.Clamp(most, 1, MostListed);
        if (_shared is not null && SharedSearch.IsFor(filter))
        {
            (List<FoundItem> all, string? rest) = await _shared.FindAsync(filter, cursor, most, reads: true, cancellationToken);
            return new ItemPage([.. all.Select(Describe)], rest);
        }

        int from = SearchCursor.Read(_run, cursor);
        (List<FoundItem> found, int next) = await _search.FindAsync(filter, from, most, reads: true, cancellationToken);
        return new ItemPage([.. found.Select(Describe)], next < 0 ? null : SearchCursor.Write(_run, next), IsShared);
    }

    /// <summary>All that is known of an item; null where there is none of that id.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public async ValueTask<ItemDetails?> FindAsync(QueueId id, CancellationToken cancellationToken = default)
    {
        foreach (SlotFacts facts in _search.Locate([id]))
        {
            QueueItem? item = await _search.ReadAsync(id, cancellationToken);
            if (item is null)
                return null;
            if (Explain(facts, item) is { } wait)
                return new ItemDetails(Describe(facts, item, wait), wait, _history.Get(id));
        }

        return IsShared && await _search.ReadAsync(id, cancellationToken) is { } other ? DescribeAbsent(other) : null;
    }

    /// <summary>
    /// Does something with items. Ends when the storage has confirmed it, or after ten seconds: what it has not confirmed by then is
    /// <see cref="OrderOutcome.Pending"/>.
    /// </summary>
    /// <exception cref="QueueDeskException">The order is none that can be carried out.</exception>
    /// <exception cref="StorageException">With a filter: an item cannot be read, and nothing was done.</exception>
    public async Task<QueueOrderResult> OrderAsync(QueueOrder order, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (!ReachesAll && order.Action is QueueAction.Hold or QueueAction.Release)
            throw new QueueDeskException("This storage holds nothing: it hands no item out by its id, so that one that is held could not be had again.");
        if (order.RoutingDomain is { } domain)
            order = order with { RoutingDomain = ReadRoutingDomain(order.Action, domain) };
        if (order.Ids is not null)
        {
            if (order.Ids.Count > MostOrdered)
                throw new QueueDeskException($"An order is for at most {MostOrdered} items.");
            return await OrderListedAsync(order with { Filter = null }, order.Ids);
        }

        Check(order.Filter ?? throw new QueueDeskException("The order says neither by ids nor by a filter which items it is for."));
        (QueueId before, string? cursor) = order.Cursor is null ? (_ids.Next(), null) : OrderCursor.Read(order.Cursor);
        QueueFilter filter = order.Filter with { Before = before };
        int most = Math.Clamp(order.Most, 1, MostOrdered);
        if (_shared is not null && SharedSearch.IsFor(filter))
        {
            (List<FoundItem> all, string? rest) = await _shared.FindAsync(filter, cursor, most, reads: false, cancellationToken);
            return (await OrderFoundAsync(order, all)) with { Next = OrderCursor.Write(before, rest) };
        }

        if (IsShared && _shared is null && order.Action == QueueAction.Release)
            throw new QueueDeskException("What is held is nobody's, and this storage lists nothing that this process does not have: say by their ids which items are to be released.");
        (List<FoundItem> found, int next) = await _search.FindAsync(filter, SearchCursor.Read(_run, cursor), most, reads: false, cancellationToken);
        SlotFacts[] facts = [.. found.Select(static item => item.Facts)];
        OrderOutcome[] outcomes = await CarryOutAsync(order, facts);
        return new QueueOrderResult([.. facts.Select((item, i) => new OrderedItem(item.Id, outcomes[i]))], next < 0 ? null : OrderCursor.Write(before, SearchCursor.Write(_run, next)));
    }

    /// <summary>Suspends a next hop until <see cref="ResumeHop"/>: attempts that run end, none starts. False where it is suspended so already.</summary>
    /// <exception cref="QueueDeskException">The name is none, or too many are suspended.</exception>
    public bool SuspendHop(string name, string by)
    {
        if (string.IsNullOrEmpty(name) || name.Length > MostNameCharacters)
            throw new QueueDeskException("This is no name of a next hop.");
        if (_scheduler.CountStoppedHops() >= MostStoppedHops)
            throw new QueueDeskException($"There are {MostStoppedHops} next hops suspended already.");
        if (!_scheduler.StopHop(name))
            return false;
        QueueLog.HopStopped(_environment.Logger, name, by);
        _pump.Post();
        return true;
    }

    /// <summary>
    /// Uses a suspended next hop now, whoever suspended it: one that was down is tried with one attempt at first. False where it is not suspended; null
    /// where none of that name is known.
    /// </summary>
    public bool? ResumeHop(string name, string by)
    {
        bool? started = _scheduler.StartHop(name, evenStopped: true);
        if (started == true)
        {
            QueueLog.HopStarted(_environment.Logger, name, by);
            _pump.Post();
        }

        return started;
    }

    /// <summary>Starts no attempt until <see cref="Resume"/>; those that run end, and mail is accepted. Nothing expires meanwhile.</summary>
    public void Pause(string by)
    {
        _scheduler.SetPaused(true);
        QueueLog.Paused(_environment.Logger, by);
    }

    /// <summary>Goes on after <see cref="Pause"/>.</summary>
    public void Resume(string by)
    {
        _scheduler.SetPaused(false);
        QueueLog.Resumed(_environment.Logger, by);
        _pump.Post();
    }

    /// <summary>The queue as a whole.</summary>
    /// <param name="withHops">Whether each next hop is told of.</param>
    public QueueTotals GetTotals(bool withHops = false) =>
        new(_scheduler.GetSnapshot(withHops), _storage.GetInfo(), IsPaused, _holds, IsShared, _isLoading());

    /// <summary>
    /// The item that has been in the queue for longest, as its name tells; none where there is none. Cheap unless the one that was it is done: then all items are
    /// looked at, a few at a time.
    /// </summary>
    public QueueId FindOldest() => _scheduler.FindOldest();

    /// <summary>The next hops with most to do, the busiest first; those with nothing to do are among them only where they are not used.</summary>
    /// <param name="most">How many at most, up to <see cref="MostListed"/>.</param>
    /// <param name="others">How many further ones there are.</param>
    public IReadOnlyList<HopSnapshot> FindBusiestHops(int most, out int others) => _scheduler.FindBusiest(Math.Clamp(most, 1, MostListed), out others);

    private static void Check(QueueFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (filter.FindFault() is { } fault)
            throw new QueueDeskException(fault);
    }

    private static OrderOutcome? Foresee(QueueAction action, in FoundItem item, QueuePlace place) => action switch
    {
        QueueAction.Retry when place == QueuePlace.Held => OrderOutcome.Held,
        QueueAction.Hold when place == QueuePlace.Held => OrderOutcome.Unchanged,
        QueueAction.Release when place == QueuePlace.Elsewhere || (place == QueuePlace.Waiting && item.Facts.Attempts > 0) => OrderOutcome.Unchanged,
        _ => null,
    };

    private static string ReadRoutingDomain(QueueAction action, string text)
    {
        if (action != QueueAction.Reroute)
            throw new QueueDeskException("Only an order to reroute takes a domain to route by.");
        if (!DomainNames.TryReadRoutingDomain(text, out string domain))
            throw new QueueDeskException("The domain to route by is none: it has to be a domain name or an address literal, as it stands behind the @ of an address.");
        return domain;
    }

    private static ItemWait Complete(ItemWait wait, DeliveryState state) => wait.Reason switch
    {
        WaitReason.HeldForSender when state.IsHeld => wait with { Reason = WaitReason.HeldByOperator },
        WaitReason.HeldForSender or WaitReason.NotDue => wait with { Until = state.DueAt },
        _ => wait,
    };

    // What the action is not for is not claimed, which would cost as much as doing it.
    private async Task<QueueOrderResult> OrderFoundAsync(QueueOrder order, List<FoundItem> found)
    {
        DateTimeOffset now = _environment.Time.GetUtcNow();
        OrderOutcome?[] known = [.. found.Select(item => item.IsAbsent ? Foresee(order.Action, item, SharedSearch.PlaceOf(item.DueAt, now)) : null)];
        QueueOrderResult result = await OrderListedAsync(order, [.. found.Where((_, i) => known[i] is null).Select(static item => item.Facts.Id)]);
        var outcomes = result.Items.ToDictionary(static item => item.Id, static item => item.Outcome);
        return new QueueOrderResult([.. found.Select((item, i) => new OrderedItem(item.Facts.Id, known[i] ?? outcomes[item.Facts.Id]))], Next: null);
    }

    private async Task<QueueOrderResult> OrderListedAsync(QueueOrder order, IReadOnlyList<QueueId> ids)
    {
        List<SlotFacts> facts = _search.Locate(ids);
        var known = new Dictionary<QueueId, OrderOutcome>(facts.Count);

        // What a filter found elsewhere may have come here since, and be something else by now.
        if (order.Filter is { } filter)
        {
            var match = new ItemMatch(filter, _pump.GetNextHop, _environment.Time.GetUtcNow());
            foreach (SlotFacts other in facts.Where(item => !match.IsMeant(item)))
                known.Add(other.Id, OrderOutcome.Unchanged);
        }

        facts.RemoveAll(item => known.ContainsKey(item.Id));
        OrderOutcome[] outcomes = await CarryOutAsync(order, facts);
        for (int i = 0; i < facts.Count; i++)
            known.Add(facts[i].Id, outcomes[i]);

        // What left this process meanwhile may be in the storage.
        QueueId[] absent = IsShared ? [.. ids.Distinct().Where(id => known.GetValueOrDefault(id, OrderOutcome.NotFound) == OrderOutcome.NotFound)] : [];
        outcomes = absent.Length == 0 ? [] : await CarryOutAsync(order, absent);
        for (int i = 0; i < absent.Length; i++)
            known[absent[i]] = outcomes[i];
        return new QueueOrderResult([.. ids.Select(id => new OrderedItem(id, known.GetValueOrDefault(id, OrderOutcome.NotFound)))], Next: null);
    }

    private async Task<OrderOutcome[]> CarryOutAsync(QueueOrder order, IReadOnlyList<SlotFacts> items) => NoteEnd(order, await _orders.CarryOutAsync(order, items));

    private async Task<OrderOutcome[]> CarryOutAsync(QueueOrder order, QueueId[] absent)
    {
        if (ReachesAll)
            return NoteEnd(order, await _orders.CarryOutAsync(order, absent));
        var outcomes = new OrderOutcome[absent.Length];
        Array.Fill(outcomes, OrderOutcome.OutOfReach);
        return outcomes;
    }

    private OrderOutcome[] NoteEnd(QueueOrder order, OrderOutcome[] outcomes)
    {
        QueueLog.OrderEnded(_environment.Logger, order.Action, order.By, outcomes.Length, outcomes.Count(static outcome => outcome == OrderOutcome.Done));
        return outcomes;
    }

    private ListedItem Describe(FoundItem found) => found.IsAbsent ? DescribeAbsent(found.Item!).Item : Describe(found.Facts, found.Item!, Explain(found.Facts, found.Item!));

    private ItemDetails DescribeAbsent(QueueItem item)
    {
        DeliveryState state = item.State;
        QueuePlace place = SharedSearch.PlaceOf(state.DueAt, _environment.Time.GetUtcNow());
        WaitReason reason = place == QueuePlace.Elsewhere ? WaitReason.NotHere : state.Attempts == 0 || state.IsHeld ? WaitReason.HeldForSender : WaitReason.NotDue;
        ItemWait wait = Complete(new ItemWait(reason), state);
        return new ItemDetails(Describe(SharedSearch.FactsOf(item.Envelope.Id, item.Domain, state.Attempts), item, wait) with { Place = place }, wait, _history.Get(item.Envelope.Id));
    }

    private ItemWait? Explain(in SlotFacts facts, QueueItem item) =>
        _scheduler.Explain(facts.Slot, facts.Id, _pump.GetNextHop(facts.Domain)) is { } wait ? Complete(wait, item.State) : null;

    private ListedItem Describe(in SlotFacts facts, QueueItem item, ItemWait? wait) => new()
    {
        Id = facts.Id,
        Place = ItemSearch.ToPublic(facts.Place),
        Envelope = item.Envelope,
        State = item.State,
        NextHop = _pump.GetNextHop(facts.Domain).Name,
        Wait = wait,
    };
}
