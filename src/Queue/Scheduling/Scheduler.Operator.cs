using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>The scheduler's side of what an operator sees and does. A look takes the lock for a few microseconds at a time.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Slots that one look covers at most.</summary>
    public const int SlotsALook = 256;

    private int _taken;
    private bool _paused;

    /// <summary>True while nothing is handed out, because an operator says so.</summary>
    public bool IsPaused => Volatile.Read(ref _paused);

    /// <summary>Counts items that came or went.</summary>
    public long Turnover
    {
        get
        {
            lock (_gate)
                return _slots.Turnover;
        }
    }

    /// <summary>Hands out nothing, or goes on.</summary>
    public void SetPaused(bool paused)
    {
        lock (_gate)
            _paused = paused;
    }

    /// <summary>Copies what the next slots say; the number tells how many of them have items.</summary>
    /// <param name="from">The slot to begin with; afterwards the one to go on with.</param>
    /// <param name="facts">Room for <see cref="SlotsALook"/> of them.</param>
    /// <param name="isEnd">True where there are no slots behind these.</param>
    public int Look(ref int from, Span<SlotFacts> facts, out bool isEnd)
    {
        int count = 0;
        lock (_gate)
        {
            int end = Math.Min(_slots.Used, from + SlotsALook);
            for (; from < end; from++)
            {
                ref QueueSlot slot = ref _slots[from];
                if (slot.Place != SlotPlace.None)
                    facts[count++] = new SlotFacts(from, slot.Id, _domains[slot.Domain], slot.Attempts, slot.Place, slot.MayBeRerouted);
            }

            isEnd = from >= _slots.Used;
        }

        return count;
    }

    /// <summary>Takes items out of heaps and lists, all in one pass over these. Whoever has them records a change, puts them back, or forgets them.</summary>
    /// <param name="chosen">The items, as they were when they were looked at, each once.</param>
    /// <param name="from">The places from which they are taken.</param>
    public TakenItem[] TakeOut(IReadOnlyList<SlotFacts> chosen, SlotPlaces from)
    {
        var taken = new TakenItem[chosen.Count];
        List<int> waiting = [], held = [], ready = [];
        var set = new SlotSet();
        lock (_gate)
        {
            for (int i = 0; i < taken.Length; i++)
            {
                SlotFacts facts = chosen[i];
                ref QueueSlot slot = ref _slots[facts.Slot];
                TakeVerdict verdict = _stopped ? TakeVerdict.Busy : Judge(facts, slot, from);
                taken[i] = new TakenItem(facts with { Place = slot.Place }, verdict);
                if (verdict != TakeVerdict.Taken)
                    continue;
                set.Add(facts.Slot);
                (slot.Place switch { SlotPlace.Waiting => waiting, SlotPlace.Held => held, _ => ready }).Add(facts.Slot);
                slot.Place = SlotPlace.TakenOut;
            }

            _taken += set.Count;
            if (waiting.Count > 0)
                _waiting.Remove(waiting, set, _slots);
            if (held.Count > 0)
                _held.Remove(held, set, _slots);
            if (ready.Count > 0)
                RemoveReady(ready.Count, set);
        }

        return taken;
    }

    /// <summary>Ends an operator's work on an item without a change: it is where it was. The hop is needed for one that was ready only.</summary>
    public void PutBack(in TakenItem item, NextHop nextHop)
    {
        lock (_gate)
        {
            _taken--;
            long due = _slots[item.Facts.Slot].Due;
            switch (item.Facts.Place)
            {
                case SlotPlace.Waiting:
                    PushWaiting(item.Facts.Slot, due);
                    break;
                case SlotPlace.Held:
                    PushHeld(item.Facts.Slot, due);
                    break;
                default:
                    PutBeforeHop(item.Facts.Slot, nextHop);
                    break;
            }
        }

        ArmTimer();
    }

    /// <summary>Puts an item that was taken out before its next hop.</summary>
    public void PutReady(in TakenItem item, NextHop nextHop)
    {
        lock (_gate)
        {
            _taken--;
            PutBeforeHop(item.Facts.Slot, nextHop);
        }

        ArmTimer();
    }

    /// <summary>A change of an item that was taken out is now being recorded.</summary>
    public void TakenRecords(in TakenItem item)
    {
        lock (_gate)
        {
            _taken--;
            _recording++;
            _slots[item.Facts.Slot].Place = SlotPlace.Recording;
        }
    }

    /// <summary>Forgets an item that was taken out and is not in storage any more.</summary>
    public void ForgetTaken(in TakenItem item)
    {
        lock (_gate)
        {
            _taken--;
            Forget(item.Facts.Slot);
        }
    }

    /// <summary>Suspends a hop for an operator, whether it is known already or not; false where it is suspended so already.</summary>
    public bool StopHop(string name)
    {
        lock (_gate)
        {
            bool isKnown = _hops.Find(name) is not null;
            Hop hop = _hops.Get(new NextHop(name));
            if (hop.IsStopped)
                return false;
            hop.IsUnmet = !isKnown;
            Unload(hop);
            _suspensions.AddStopped(hop, Now);
        }

        ArmTimer();
        return true;
    }

    /// <summary>Ends a hop's suspension now; null where no such hop is known, false where it was not suspended.</summary>
    /// <param name="name">The hop.</param>
    /// <param name="evenStopped">Whether one that an operator suspended is meant as well.</param>
    public bool? StartHop(string name, bool evenStopped)
    {
        lock (_gate)
        {
            Hop? hop = _hops.Find(name);
            if (hop is null)
                return null;
            if (hop.State != HopState.Suspended || (hop.IsStopped && !evenStopped))
                return false;
            hop.Start();
            Enrol(hop);
            return true;
        }
    }

    /// <summary>Hops that an operator has suspended.</summary>
    public int CountStoppedHops()
    {
        lock (_gate)
        {
            int count = 0;
            foreach (Hop hop in _hops.All)
                count += hop.IsStopped ? 1 : 0;
            return count;
        }
    }

    /// <summary>Says why an item waits; null where it is not in that slot any more.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="id">The item.</param>
    /// <param name="nextHop">Its next hop.</param>
    public ItemWait? Explain(int slot, QueueId id, NextHop nextHop)
    {
        lock (_gate)
        {
            ref QueueSlot entry = ref _slots[slot];
            if (entry.Id != id || entry.Place == SlotPlace.None)
                return null;
            Hop? hop = _hops.Find(nextHop.Name);
            WaitReason reason = FindReason(entry.Place, hop);
            long until = reason switch
            {
                WaitReason.HopSuspended => hop!.SuspendedUntil,
                WaitReason.StorageTrouble => _readsFrom,
                _ => 0,
            };
            return new ItemWait(reason)
            {
                Until = until == 0 ? null : new DateTimeOffset(until, TimeSpan.Zero),
                HopActive = hop?.Active ?? 0,
                HopLimit = hop?.Limit ?? 0,
                HopReady = hop?.Ready ?? 0,
                Active = _active,
                Limit = _limits.Attempts,
                HopTrouble = hop is null || hop.State == HopState.Up ? default : hop.LastTrouble.Reply,
            };
        }
    }

    private static TakeVerdict Judge(SlotFacts facts, in QueueSlot slot, SlotPlaces from)
    {
        if (slot.Place == SlotPlace.None || slot.Id != facts.Id)
            return TakeVerdict.Gone;
        SlotPlaces place = slot.Place switch
        {
            SlotPlace.Waiting => SlotPlaces.Waiting,
            SlotPlace.Held => SlotPlaces.Held,
            SlotPlace.Ready or SlotPlace.Loaded => SlotPlaces.Ready,
            _ => SlotPlaces.None,
        };
        if (place == SlotPlaces.None)
            return TakeVerdict.Busy;
        return (from & place) != 0 ? TakeVerdict.Taken : TakeVerdict.Elsewhere;
    }

    private static HopSnapshot Describe(Hop hop) =>
        new(hop.Name, hop.Ready, hop.Active, hop.Limit, hop.State == HopState.Up ? null : new DateTimeOffset(hop.SuspendedUntil, TimeSpan.Zero))
        {
            IsStopped = hop.IsStopped,
            LastTrouble = hop.State == HopState.Up ? default : hop.LastTrouble.Reply,
        };

    // Nobody notes in which hop's list an item is, so that all are gone through until none is missing.
    private void RemoveReady(int missing, SlotSet set)
    {
        List<int> listed = [], loaded = [];
        List<Hop> touched = [];
        foreach (Hop hop in _hops.All)
        {
            if (hop.Ready == 0)
                continue;
            listed.Clear();
            loaded.Clear();
            hop.Fresh.Remove(_slots, set, listed);
            hop.Retries.Remove(_slots, set, listed);
            hop.Loaded.Remove(_slots, set, loaded);
            if (listed.Count + loaded.Count == 0)
                continue;
            touched.Add(hop);
            foreach (int slot in loaded)
                Unkeep(hop, slot).Envelope.Content.Release();

            // A look through the hop's items counts them: it begins anew.
            if (hop.ReviewLeft > 0)
                hop.ReviewLeft = hop.Fresh.Count + hop.Retries.Count;
            if ((missing -= listed.Count + loaded.Count) == 0)
                break;
        }

        foreach (Hop hop in touched)
            Enrol(hop);
    }

    // An item goes another way from now on; it is in no list. Mostly it has that domain already.
    private void Reroute(int slot, string domain)
    {
        int old = _slots[slot].Domain;
        _slots[slot].MayBeRerouted = true;
        if (_domains[old] == domain)
            return;
        _slots[slot].Domain = _domains.Acquire(domain);
        _domains.Release(old);
    }

    private void PutBeforeHop(int slot, NextHop nextHop)
    {
        Hop hop = _hops.Get(nextHop);
        Shelve(hop, slot);
        Enrol(hop);
    }

    private WaitReason FindReason(SlotPlace place, Hop? hop)
    {
        switch (place)
        {
            case SlotPlace.Waiting:
                return _limits.Hold ? WaitReason.QueueHolds : WaitReason.NotDue;
            case SlotPlace.Held:
                return WaitReason.HeldForSender;
            case SlotPlace.Attempting:
                return WaitReason.BeingAttempted;
            case SlotPlace.Recording:
                return WaitReason.BeingRecorded;
            case SlotPlace.TakenOut:
                return WaitReason.BeingChanged;
        }

        if (_paused)
            return WaitReason.Paused;
        if (hop is { IsStopped: true })
            return WaitReason.HopStopped;
        if (hop is { State: HopState.Suspended })
            return WaitReason.HopSuspended;
        if (hop is { State: HopState.Probing })
            return WaitReason.HopProbed;
        if (_recording >= _limits.Recording)
            return WaitReason.StorageBusy;
        if (ReadsPause)
            return WaitReason.StorageTrouble;
        if (hop is not null && hop.Active >= hop.Limit)
            return WaitReason.HopLimit;

        // As attempts are handed out: the fewer are left, the fewer a hop may have.
        return _active >= _limits.Attempts || (hop is { Active: > 0 } && hop.Active >= Math.Max(2, (_limits.Attempts - _active) / 2))
            ? WaitReason.AttemptLimit
            : WaitReason.Turn;
    }
}
