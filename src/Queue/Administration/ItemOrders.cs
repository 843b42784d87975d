using SlimtaFast.Mail;
using SlimtaFast.Queue.Delivery;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Queue.Sharing;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Administration;

/// <summary>
/// Carries out an operator's orders: takes the items out of the scheduler in one pass, has each change recorded like the outcome of an attempt, and
/// so lets go of each as it stands in storage by then. Thread-safe.
/// </summary>
internal sealed partial class ItemOrders
{
    // Changes that are read and recorded at once; they share the storage with deliveries.
    private const int AtOnce = 64;

    // So long an order waits for a storage that is slow or away. What it did not confirm by then goes on without anybody waiting.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Scheduler _scheduler;
    private readonly IQueueStorage _storage;
    private readonly LeasedStorage? _leased;
    private readonly DeliveryPump _pump;
    private readonly OutcomeRecorder _recorder;
    private readonly QueueMetrics _metrics;
    private readonly AttemptHistory _history;
    private readonly QueueEnvironment _environment;

    /// <summary>Makes it for a queue's parts.</summary>
    public ItemOrders(
        Scheduler scheduler, IQueueStorage storage, DeliveryPump pump, OutcomeRecorder recorder, QueueMetrics metrics, AttemptHistory history, QueueEnvironment environment)
    {
        _scheduler = scheduler;
        _storage = storage;
        _leased = storage as LeasedStorage;
        _pump = pump;
        _recorder = recorder;
        _metrics = metrics;
        _history = history;
        _environment = environment;
    }

    /// <summary>Does something with items; what became of each is told in their order.</summary>
    /// <param name="order">What, and by whom; its routing domain is in lower case.</param>
    /// <param name="items">The items.</param>
    public async Task<OrderOutcome[]> CarryOutAsync(QueueOrder order, IReadOnlyList<SlotFacts> items)
    {
        QueueAction action = order.Action;
        var outcomes = new OrderOutcome[items.Count];
        if (!_pump.TryBeginWork())
        {
            Array.Fill(outcomes, OrderOutcome.Busy);
            return outcomes;
        }

        bool isAsync = false;
        try
        {
            TakenItem[] taken = _scheduler.TakeOut(items, PlacesFor(action));
            List<int> work = [];
            for (int i = 0; i < taken.Length; i++)
            {
                outcomes[i] = taken[i].Verdict switch
                {
                    TakeVerdict.Gone => OrderOutcome.NotFound,
                    TakeVerdict.Busy => OrderOutcome.Busy,
                    TakeVerdict.Elsewhere when action == QueueAction.Retry && taken[i].Facts.Place == SlotPlace.Held => OrderOutcome.Held,
                    TakeVerdict.Elsewhere => OrderOutcome.Unchanged,
                    _ => OrderOutcome.Pending,
                };
                if (taken[i].Verdict == TakeVerdict.Taken)
                    work.Add(i);
            }

            if (action == QueueAction.Retry)
            {
                Retry(order.By, taken, outcomes);
                return outcomes;
            }

            isAsync = true;
            return await WaitAsync(DoAllAsync(work, outcomes, at => TryDoAsync(taken[at].Facts.Id, () => ChangeAsync(order, taken[at]))), outcomes);
        }
        finally
        {
            if (!isAsync)
                _pump.EndWork();
            _pump.Advance();
        }
    }

    private static SlotPlaces PlacesFor(QueueAction action) => action switch
    {
        QueueAction.Retry => SlotPlaces.Waiting,
        QueueAction.Release => SlotPlaces.Held,
        _ => SlotPlaces.All,
    };

    // Where it is suspended, its hop is tried as well: an item that only goes from one wait to another was not tried again.
    private void Retry(string by, TakenItem[] taken, OrderOutcome[] outcomes)
    {
        Dictionary<string, NextHop> hops = [];
        for (int i = 0; i < taken.Length; i++)
        {
            SlotFacts facts = taken[i].Facts;
            bool isReady = taken[i].Verdict == TakeVerdict.Elsewhere && facts.Place is SlotPlace.Ready or SlotPlace.Loaded;
            if (taken[i].Verdict != TakeVerdict.Taken && !isReady)
                continue;
            if (!hops.TryGetValue(facts.Domain, out NextHop hop))
            {
                hops.Add(facts.Domain, hop = _pump.GetNextHop(facts.Domain));
                _scheduler.StartHop(hop.Name, evenStopped: false);
            }

            outcomes[i] = OrderOutcome.Done;
            if (isReady)
                continue;
            _scheduler.PutReady(taken[i], hop);
            TellRetry(by, facts.Id, hop);
        }
    }

    private void TellRetry(string by, QueueId id, NextHop hop)
    {
        QueueLog.Ordered(_environment.Logger, id, QueueAction.Retry, by);
        if (_environment.Events is { } events)
            OrderEvents.NoteRetry(events, _environment.Time.GetUtcNow(), by, hop.Name, id);
    }

    // What goes on writes into its own: the answer is what was so far.
    private async Task<OrderOutcome[]> WaitAsync(Task all, OrderOutcome[] outcomes)
    {
        await Task.WhenAny(all, Task.Delay(Patience, _environment.Time));
        return [.. outcomes];
    }

    // Ends the piece of work that it is.
    private async Task DoAllAsync(List<int> work, OrderOutcome[] outcomes, Func<int, Task<OrderOutcome>> one)
    {
        int next = -1;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, work.Count)).Select(_ => DoSomeAsync()));
        }
        finally
        {
            _pump.EndWork();
        }

        async Task DoSomeAsync()
        {
            for (int at = Interlocked.Increment(ref next); at < work.Count; at = Interlocked.Increment(ref next))
                outcomes[work[at]] = await one(work[at]);
        }
    }

    private async Task<OrderOutcome> TryDoAsync(QueueId id, Func<Task<OrderOutcome>> one)
    {
        try
        {
            return await one();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A fault of the queue itself: the item stays in storage, and is not touched again before the next start.
            QueueLog.WorkBroke(_environment.Logger, id, e);
            _leased?.Forget(id);
            return OrderOutcome.Failed;
        }
    }

    private async Task<OrderOutcome> ChangeAsync(QueueOrder order, TakenItem taken)
    {
        QueueAction action = order.Action;
        QueueId id = taken.Facts.Id;
        QueueItem? item;
        try
        {
            item = await _storage.ReadAsync(id, CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            QueueLog.OrderFailed(_environment.Logger, id, action, e);
            await PutBackAsync(taken);
            return OrderOutcome.Failed;
        }

        if (item is not { State.IsClosed: false })
        {
            item?.Envelope.Content.Release();
            _scheduler.ForgetTaken(taken);
            _leased?.Forget(id);
            return OrderOutcome.NotFound;
        }

        Judgement? judgement = OperatorJudge.Judge(action, item, _environment.Time.GetUtcNow(), order.RoutingDomain);
        if (judgement is null)
        {
            item.Envelope.Content.Release();
            await PutBackAsync(taken);
            return OrderOutcome.Unchanged;
        }

        string way = judgement.State.RoutingDomain ?? taken.Facts.Domain;
        if (action == QueueAction.Reroute)
            QueueLog.Rerouted(_environment.Logger, id, way, order.By);
        else
            QueueLog.Ordered(_environment.Logger, id, action, order.By);
        if (action == QueueAction.Bounce)
            _metrics.Reviewed(judgement);
        _scheduler.TakenRecords(taken);
        bool isRecorded = await _recorder.RecordAsync(taken.Facts.Slot, item, judgement);
        if (isRecorded && judgement.State.IsClosed)
            _history.Forget(id);
        if (isRecorded && _environment.Events is { } events)
            OrderEvents.Note(events, _environment.Time.GetUtcNow(), action, order.By, _pump.GetNextHop(way).Name, item);
        return isRecorded ? OrderOutcome.Done : await FindOutAsync(action, id);
    }

    private async ValueTask PutBackAsync(TakenItem taken)
    {
        if (taken.DueAgain is { } due)
            await GiveBackAsync(taken, due);
        else
            _scheduler.PutBack(taken, taken.Facts.Place is SlotPlace.Ready or SlotPlace.Loaded ? _pump.GetNextHop(taken.Facts.Domain) : default);
    }
}
