using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Queue.Sharing;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Administration;

/// <summary>
/// Orders for items of a shared storage that this process does not have: each is claimed by its id, and then no other process's until the change is recorded.
/// </summary>
internal sealed partial class ItemOrders
{
    /// <summary>Does something with items that have no place here; what became of each is told in their order. Only where the storage claims by id.</summary>
    /// <param name="order">What, and by whom; its routing domain is in lower case.</param>
    /// <param name="ids">The items, each once.</param>
    public async Task<OrderOutcome[]> CarryOutAsync(QueueOrder order, QueueId[] ids)
    {
        var outcomes = new OrderOutcome[ids.Length];
        if (!_pump.TryBeginWork())
        {
            Array.Fill(outcomes, OrderOutcome.Busy);
            return outcomes;
        }

        Array.Fill(outcomes, OrderOutcome.Pending);
        try
        {
            return await WaitAsync(DoAllAsync([.. Enumerable.Range(0, ids.Length)], outcomes, at => TryDoAsync(ids[at], () => ClaimAndDoAsync(order, ids[at]))), outcomes);
        }
        finally
        {
            _pump.Advance();
        }
    }

    private async Task<OrderOutcome> ClaimAndDoAsync(QueueOrder order, QueueId id)
    {
        IdClaim result;
        QueueEntry entry;
        try
        {
            (result, entry) = await _leased!.ClaimAsync(id);
        }
        catch (StorageException e)
        {
            QueueLog.OrderFailed(_environment.Logger, id, order.Action, e);
            return OrderOutcome.Failed;
        }

        if (result != IdClaim.Claimed)
            return result == IdClaim.Known ? OrderOutcome.Busy : await FindOutAsync(order.Action, id);
        TakenItem taken = _scheduler.TakeOver(entry);

        // Between the search and the claim others may have attempted it, or ordered about it.
        if (order.Filter is { } filter && !new ItemMatch(filter, _pump.GetNextHop, _environment.Time.GetUtcNow()).IsMeant(entry))
        {
            await GiveBackAsync(taken, entry.DueAt);
            return OrderOutcome.Unchanged;
        }

        if (order.Action == QueueAction.Retry)
            return await RetryAsync(order.By, taken, entry.DueAt);
        if (order.Action != QueueAction.Release || taken.Facts.Place == SlotPlace.Held)
            return await ChangeAsync(order, taken);
        await GiveBackAsync(taken, entry.DueAt);
        return OrderOutcome.Unchanged;
    }

    // Attempted here where it can be, since the next hop is tried here as well; else by whoever claims it.
    private async Task<OrderOutcome> RetryAsync(string by, TakenItem taken, DateTimeOffset due)
    {
        SlotFacts facts = taken.Facts;
        if (facts.Place == SlotPlace.Held)
        {
            await GiveBackAsync(taken, due);
            return OrderOutcome.Held;
        }

        NextHop hop = _pump.GetNextHop(facts.Domain);
        TellRetry(by, facts.Id, hop);
        if (_leased!.TakesMore && !_scheduler.IsPaused)
        {
            _scheduler.StartHop(hop.Name, evenStopped: false);
            _scheduler.PutReady(taken, hop);
        }
        else
        {
            await GiveBackAsync(taken, DateTimeOffset.MinValue);
        }

        return OrderOutcome.Done;
    }

    private async ValueTask GiveBackAsync(TakenItem taken, DateTimeOffset due)
    {
        _scheduler.ForgetTaken(taken);
        await _leased!.ReleaseAsync([new DueAgain(taken.Facts.Id, due)]);
    }

    // Whether an item that cannot be had is gone, or another process's.
    private async ValueTask<OrderOutcome> FindOutAsync(QueueAction action, QueueId id)
    {
        try
        {
            QueueItem? item = await _storage.ReadAsync(id, CancellationToken.None);
            item?.Envelope.Content.Release();
            return item is { State.IsClosed: false } ? OrderOutcome.Elsewhere : OrderOutcome.NotFound;
        }
        catch (StorageException e)
        {
            QueueLog.OrderFailed(_environment.Logger, id, action, e);
            return OrderOutcome.Failed;
        }
    }
}
