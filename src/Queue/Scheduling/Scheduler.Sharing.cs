using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>The scheduler's side of a storage that processes share: nothing waits here that this process can do nothing for.</summary>
internal sealed partial class Scheduler
{
    private static readonly TimeSpan LeastAway = TimeSpan.FromSeconds(1);

    private List<DueAgain> _away = [];

    /// <summary>True where there are items to be given back; a hint.</summary>
    public bool HasAway => _limits.Shared && Volatile.Read(ref _away).Count > 0;

    /// <summary>Takes the items that are to be given back to the storage, which have no place here any more; null where there are none.</summary>
    public List<DueAgain>? TakeAway()
    {
        if (!HasAway)
            return null;
        lock (_gate)
        {
            if (_away.Count == 0)
                return null;
            List<DueAgain> away = _away;
            _away = [];
            return away;
        }
    }

    /// <summary>
    /// Takes an item over that was claimed by its id for an operator's order, as if it had been taken out of where it would be: whoever has it records a change, puts it
    /// before its next hop, or forgets it.
    /// </summary>
    public TakenItem TakeOver(in QueueEntry entry)
    {
        lock (_gate)
        {
            SlotPlace place = entry.DueAt.UtcTicks <= Now ? SlotPlace.Ready : IsHeld(entry) ? SlotPlace.Held : SlotPlace.Waiting;
            int slot = Add(entry);
            _slots[slot].Place = SlotPlace.TakenOut;
            _taken++;
            return new TakenItem(new SlotFacts(slot, entry.Id, entry.Domain, entry.Attempts, place, _slots[slot].MayBeRerouted), TakeVerdict.Taken) { DueAgain = entry.DueAt };
        }
    }

    /// <summary>Ends an attempt that was not made, or given up without an outcome, because the item may be another process's.</summary>
    public void AttemptLost(in QueueWork work)
    {
        lock (_gate)
        {
            _active--;
            work.Hop.Active--;
            Forget(work.Slot);
            Enrol(work.Hop);
        }
    }

    // A hop that is down: its items go back until it is tried again, but for those that somebody has to look after before that. One that has much to do:
    // what comes on top of that goes back until it will be wanted, so that it cannot take the places of all other mail.
    private bool TryGiveBack(Hop hop, int slot, in QueueSlot entry)
    {
        long due;
        if (_stopped)
            return false;
        if (hop.State == HopState.Suspended)
        {
            due = hop.SuspendedUntil;
            if (_suspensions.NeedsReview(entry, due))
                return false;
        }
        else if (hop.Ready >= _limits.HopReady)
        {
            due = hop.Pace.TakeTurn(Now, hop.Ready, hop.Active > 0, _random());
        }
        else
        {
            return false;
        }

        _away.Add(new DueAgain(entry.Id, new DateTimeOffset(Math.Max(due, Now + LeastAway.Ticks), TimeSpan.Zero)));
        Forget(slot);
        return true;
    }

    private void ShelveAgain(Hop hop)
    {
        for (int left = hop.Fresh.Count; left > 0; left--)
            Shelve(hop, hop.Fresh.Pop(_slots));
        for (int left = hop.Retries.Count; left > 0; left--)
            Shelve(hop, hop.Retries.Pop(_slots));
    }
}
