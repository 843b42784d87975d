using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// Decides what is done next: items wait by due time, ready ones by next hop, and hops take turns. It does no I/O and starts nothing;
/// <see cref="TryTake"/> hands out work, and whoever did it says how it went. Thread-safe, by one short lock.
/// </summary>
internal sealed partial class Scheduler : IDisposable
{
    // After a failed read, so that a storage that is away is not asked for a whole backlog in vain.
    private static readonly TimeSpan ReadPause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SlotTable _slots = new();
    private readonly DueHeap _waiting = new();
    private readonly DueHeap _held = new();
    private readonly DomainTable _domains = new();
    private readonly HopTable _hops;
    private readonly HopRounds _rounds = new();
    private readonly Suspensions _suspensions;
    private readonly ResidentWindow _window;
    private readonly SchedulerLimits _limits;
    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly WakeTimer _wake;
    private int _active;
    private int _readAhead;
    private int _recording;
    private int _turn;
    private long _readsFrom;
    private bool _stopped;

    /// <summary>Makes an empty scheduler; <paramref name="ring"/> is called when <see cref="TakeDue"/> has something to do.</summary>
    public Scheduler(SchedulerLimits limits, HopLimits hopLimits, TimeProvider time, Func<double> random, Action ring)
    {
        _limits = limits;
        _hops = new HopTable(hopLimits);
        _time = time;
        _random = random;
        _suspensions = new Suspensions(_slots, limits, limits.Shared ? ShelveAgain : null);
        _window = new ResidentWindow(limits.ResidentItems, limits.ResidentOctets);
        _wake = new WakeTimer(time, ring);
    }

    private long Now => _time.GetUtcNow().Ticks;

    private bool ReadsPause => _readsFrom != 0 && _readsFrom > Now;

    /// <summary>
    /// Takes over a new item that is already stored, and is due at once unless its sender had it held. True where work may start.
    /// </summary>
    /// <param name="item">The item; its content is retained while it stays in memory.</param>
    /// <param name="domain">Its domain.</param>
    /// <param name="nextHop">Its next hop; unused by a holding queue.</param>
    public bool Accept(QueueItem item, string domain, NextHop nextHop)
    {
        Envelope envelope = item.Envelope;
        if (envelope.Terms is not null && Hold(item, domain))
            return false;
        bool ready;
        lock (_gate)
        {
            int slot = _slots.Add(envelope.Id, item.State.DueAt.UtcTicks, _domains.Acquire(domain), item.State.Attempts);
            if (envelope.Terms is not null)
                Mark(slot, item);
            if (_limits.Hold)
            {
                PushWaiting(slot, item.State.DueAt.UtcTicks);
                return false;
            }

            Hop hop = _hops.Get(nextHop);
            if (!_stopped && hop.State == HopState.Up && _window.TryKeep(envelope))
            {
                _slots[slot].Resident = item;
                _slots[slot].Place = SlotPlace.Loaded;
                hop.Loaded.Push(_slots, slot);
            }
            else
            {
                Shelve(hop, slot);
            }

            Enrol(hop);
            ready = !_stopped && _active < _limits.Attempts && (hop.InAttemptRound || hop.InReadRound);
        }

        // It may have a deadline, and its hop be down.
        if (envelope.Terms is not null)
            ArmTimer();
        return ready;
    }

    /// <summary>Takes over an item that storage knows; it is read back when its turn comes. True where work may start.</summary>
    /// <param name="entry">The item.</param>
    /// <param name="nextHop">Its next hop where it is due already; null where it has to wait.</param>
    public bool Load(in QueueEntry entry, NextHop? nextHop)
    {
        bool ready = false;
        lock (_gate)
        {
            int slot = Add(entry);
            if (nextHop is not { } to || _limits.Hold)
            {
                if (IsHeld(entry))
                    PushHeld(slot, entry.DueAt.UtcTicks);
                else
                    PushWaiting(slot, entry.DueAt.UtcTicks);
            }
            else
            {
                Hop hop = _hops.Get(to);
                Shelve(hop, slot);
                Enrol(hop);
                ready = hop.InReadRound;
            }
        }

        ArmTimer();
        return ready;
    }

    /// <summary>Takes the next piece of work that limits and fairness allow, or tells that there is none now.</summary>
    public bool TryTake(out QueueWork work)
    {
        lock (_gate)
        {
            work = default;
            if (_stopped || _paused || _recording >= _limits.Recording)
                return false;
            if (_readAhead < _limits.Attempts && !ReadsPause && _suspensions.TryTakeReview(out work))
            {
                _readAhead++;
                return true;
            }

            // By turns, so that reading ahead goes on while attempts take all they can, and the other way round.
            return (_turn++ & 1) == 0
                ? TryTakeAttempt(out work) || TryTakeRead(out work)
                : TryTakeRead(out work) || TryTakeAttempt(out work);
        }
    }

    /// <summary>
    /// Takes items whose time has come off the waiting ones, up to as many as fit; <see cref="MakeReady"/> goes on with them. Suspensions
    /// that are over end here too.
    /// </summary>
    /// <param name="due">Gets the items.</param>
    /// <param name="all">Takes everything as if its time had come, but not what is held for its sender.</param>
    public int TakeDue(Span<DueItem> due, bool all = false)
    {
        int count = 0;
        lock (_gate)
        {
            long now = all ? long.MaxValue - 1 : Now;
            while (_suspensions.TryResume(now, out Hop? hop))
                Enrol(hop!);
            _suspensions.ContinueReview(Now);
            long heldUntil = Now;
            while (!_limits.Hold && !_stopped && count < due.Length && (_waiting.FirstDue <= now || _held.FirstDue <= heldUntil))
            {
                int slot = _waiting.FirstDue <= now ? _waiting.Pop() : _held.Pop();
                _slots[slot].Place = SlotPlace.Moving;
                due[count++] = new DueItem(slot, _domains[_slots[slot].Domain]);
            }
        }

        return count;
    }

    /// <summary>Puts an item whose time has come before its next hop.</summary>
    public void MakeReady(int slot, NextHop nextHop)
    {
        lock (_gate)
        {
            Hop hop = _hops.Get(nextHop);
            Shelve(hop, slot);
            Enrol(hop);
        }
    }

    /// <summary>Makes the timer ring for what is due first.</summary>
    public void ArmTimer()
    {
        long next;
        lock (_gate)
        {
            if (_limits.Hold || _stopped)
                return;
            long now = Now;
            next = Math.Min(Math.Min(_waiting.FirstDue, _held.FirstDue), _suspensions.GetNextDue(now));
            if (next >= DeliveryState.HeldUntil.UtcTicks)
                next = long.MaxValue;
            if (_readsFrom > now)
                next = Math.Min(next, _readsFrom);
        }

        if (next != long.MaxValue)
            _wake.Arm(next);
    }

    /// <summary>Hands out nothing from now on, and lets go of the contents in memory.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            foreach (Hop hop in _hops.All)
                Unload(hop);
        }
    }

    /// <summary>What it holds at present.</summary>
    public QueueSnapshot GetSnapshot(bool withHops)
    {
        lock (_gate)
        {
            int waiting = _waiting.Count + _held.Count;
            int ready = _slots.Count - waiting - _active - _recording - _taken;
            int suspended = 0;
            List<HopSnapshot> hops = [];
            foreach (Hop hop in _hops.All)
            {
                bool up = hop.State == HopState.Up;
                suspended += up ? 0 : 1;
                if (withHops)
                    hops.Add(Describe(hop));
            }

            return new QueueSnapshot(waiting, ready, _active, _recording, suspended, _domains.Count, hops);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    private int Add(in QueueEntry entry)
    {
        int slot = _slots.Add(entry.Id, entry.DueAt.UtcTicks, _domains.Acquire(entry.Domain), entry.Attempts);
        _slots[slot].Priority = (sbyte)entry.Urgency.Priority;
        _slots[slot].HasDeadline = entry.Urgency.HasDeadline;
        _slots[slot].MayBeRerouted = entry.IsRerouted || _limits.Shared;
        return slot;
    }

    private bool TryTakeAttempt(out QueueWork work)
    {
        work = default;
        if (_active >= _limits.Attempts)
            return false;

        // The fewer attempts are left, the fewer a hop may have, so that slow hops never take the last ones from all others.
        int share = Math.Max(2, (_limits.Attempts - _active) / 2);
        if (!_rounds.TryTakeAttempt(share, out Hop? hop))
            return false;
        int slot = hop.Loaded.Pop(_slots);
        QueueItem item = Unkeep(hop, slot);
        _slots[slot].Place = SlotPlace.Attempting;
        if (hop.Active++ == 0)
            hop.Pace.Began(Now);
        _active++;
        Enrol(hop);
        work = new QueueWork(WorkKind.Attempt, slot, item.Envelope.Id, hop, hop.Epoch, item);
        return true;
    }

    // Gives the hop its turns, or lets it be forgotten.
    private void Enrol(Hop hop)
    {
        _rounds.Enrol(hop);
        if (hop.Active == 0)
            _hops.Settle(hop);
    }

    // Gives up the contents that a hop's items hold: they are read back when it is used again.
    private void Unload(Hop hop)
    {
        for (int left = hop.Loaded.Count; left > 0; left--)
        {
            int slot = hop.Loaded.Pop(_slots);
            Unkeep(hop, slot).Envelope.Content.Release();
            Shelve(hop, slot);
        }
    }

    private void Shelve(Hop hop, int slot)
    {
        ref QueueSlot entry = ref _slots[slot];
        if (_limits.Shared && TryGiveBack(hop, slot, entry))
            return;
        entry.Place = SlotPlace.Ready;
        if (entry.Attempts == 0)
            hop.Fresh.Push(_slots, slot);
        else
            hop.Retries.Push(_slots, slot);
        _suspensions.Note(hop, entry);
    }

    private void Wait(int slot, long due)
    {
        _slots[slot].Due = due;
        if (due >= DeliveryState.HeldUntil.UtcTicks)
            PushHeld(slot, due);
        else
            PushWaiting(slot, due);
    }

    private void PushWaiting(int slot, long due)
    {
        _slots[slot].Place = SlotPlace.Waiting;
        _waiting.Push(slot, due);
    }

    // No flush empties this heap.
    private void PushHeld(int slot, long due)
    {
        _slots[slot].Place = SlotPlace.Held;
        _held.Push(slot, due);
    }

    private void Forget(int slot)
    {
        _domains.Release(_slots[slot].Domain);
        _slots.Remove(slot);
    }

    private QueueItem Unkeep(Hop hop, int slot)
    {
        ref QueueSlot entry = ref _slots[slot];
        QueueItem item = entry.Resident!;
        entry.Resident = null;
        if (entry.ReadBack)
        {
            entry.ReadBack = false;
            EndReadAhead(hop);
        }
        else
        {
            _window.Leave(item.Envelope);
        }

        return item;
    }
}
