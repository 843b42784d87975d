namespace SlimtaFast.Queue.Scheduling;

/// <summary>The hops that are down: when each is tried again, and which of their items need a look meanwhile. Not thread-safe.</summary>
internal sealed class Suspensions
{
    // Between two looks at the items of suspended hops, so that a long list does not keep the scheduler's lock.
    private static readonly TimeSpan ReviewPause = TimeSpan.FromMilliseconds(20);

    private readonly PriorityQueue<Hop, long> _hops = new();
    private readonly PriorityQueue<Hop, long> _deadlines = new();
    private readonly PriorityQueue<Hop, long> _stopped = new();
    private readonly Queue<Hop> _underReview = new();
    private readonly Queue<QueueWork> _reviews = new();
    private readonly SuspensionReview _review;
    private readonly Action<Hop>? _suspended;

    /// <summary>Makes it for hops whose items stand in these slots.</summary>
    /// <param name="slots">The slots.</param>
    /// <param name="limits">What decides over the need for a look.</param>
    /// <param name="suspended">Called for a hop that was suspended just now, before its items are looked through; null for nothing.</param>
    public Suspensions(SlotTable slots, SchedulerLimits limits, Action<Hop>? suspended = null)
    {
        _review = new SuspensionReview(slots, limits);
        _suspended = suspended;
    }

    /// <summary>Sets the ages that call for a look.</summary>
    public void SetAges(TimeSpan delayNotice, TimeSpan maxAge) => _review.SetAges(delayNotice, maxAge);

    /// <summary>True where an item needs a look before that time.</summary>
    public bool NeedsReview(in QueueSlot slot, long before) => _review.NeedsReview(slot, before);

    /// <summary>Takes note of an item that begins to wait for a hop.</summary>
    public void Note(Hop hop, in QueueSlot slot)
    {
        if (_review.Note(hop, slot) && hop.State == HopState.Suspended)
            _deadlines.Enqueue(hop, slot.Due);
    }

    /// <summary>Suspends a hop, and has its items looked through where one of them may need it.</summary>
    public void Add(Hop hop, long now, double random)
    {
        hop.Suspend(now, random);
        _suspended?.Invoke(hop);
        _hops.Enqueue(hop, hop.SuspendedUntil);
        if (hop.NextDeadline != long.MaxValue)
            _deadlines.Enqueue(hop, hop.NextDeadline);
        if (SuspensionReview.TryBegin(hop, now))
            _underReview.Enqueue(hop);
    }

    /// <summary>Suspends a hop for an operator; its items are looked after meanwhile as those of any other suspended hop.</summary>
    public void AddStopped(Hop hop, long now)
    {
        hop.Stop(now);
        _suspended?.Invoke(hop);
        _stopped.Enqueue(hop, hop.SuspendedUntil);
        if (hop.NextDeadline != long.MaxValue)
            _deadlines.Enqueue(hop, hop.NextDeadline);
        if (SuspensionReview.TryBegin(hop, now))
            _underReview.Enqueue(hop);
    }

    /// <summary>Takes a hop whose retry time has come, ready to be probed.</summary>
    public bool TryResume(long now, out Hop? hop)
    {
        while (_hops.TryPeek(out hop, out long until) && until <= now)
        {
            // A hop that worked meanwhile, or was suspended anew, left an entry behind that means nothing any more.
            _hops.Dequeue();
            if (hop.State != HopState.Suspended || hop.IsStopped || hop.SuspendedUntil != until)
                continue;
            hop.Probe();
            return true;
        }

        return false;
    }

    /// <summary>Looks through some of the items that are still to be looked at.</summary>
    public void ContinueReview(long now)
    {
        while (_deadlines.TryPeek(out Hop? late, out long deadline) && deadline <= now)
        {
            // What became of the hop meanwhile may have made the entry void.
            _deadlines.Dequeue();
            if (late.State != HopState.Suspended)
                continue;
            if (late.ReviewLeft > 0)
                _deadlines.Enqueue(late, now + ReviewPause.Ticks);
            else if (SuspensionReview.TryBegin(late, now))
                _underReview.Enqueue(late);
        }

        ReviewStopped(now);
        if (_underReview.TryPeek(out Hop? hop) && !_review.Continue(hop, now, _reviews))
            _underReview.Dequeue();
    }

    /// <summary>Takes an item that needs a look.</summary>
    public bool TryTakeReview(out QueueWork work) => _reviews.TryDequeue(out work);

    /// <summary>When there is something to do here, in UTC ticks.</summary>
    public long GetNextDue(long now)
    {
        long next = _hops.TryPeek(out _, out long resume) ? resume : long.MaxValue;
        if (_deadlines.TryPeek(out _, out long deadline))
            next = Math.Min(next, deadline);
        if (_stopped.TryPeek(out _, out long look))
            next = Math.Min(next, look);
        return _underReview.Count > 0 ? Math.Min(next, now + ReviewPause.Ticks) : next;
    }

    // Nobody finds out by attempts that what waits for these has expired.
    private void ReviewStopped(long now)
    {
        while (_stopped.TryPeek(out Hop? hop, out long look) && look <= now)
        {
            _stopped.Dequeue();
            if (!hop.IsStopped || hop.SuspendedUntil != look)
                continue;
            hop.PutOff(now);
            _stopped.Enqueue(hop, hop.SuspendedUntil);
            if (SuspensionReview.TryBegin(hop, now))
                _underReview.Enqueue(hop);
        }
    }
}
