namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// Finds the items of a suspended hop that have expired, are old enough for a delay notice, or have come to their deadline, without reading
/// any: an item's name tells its age. Suspension writes no state, so that nothing else would look after them. Not thread-safe.
/// </summary>
internal sealed class SuspensionReview
{
    // Bounds what one look holds the scheduler's lock for, and what waits to be reviewed.
    private const int MostLooked = 8192;
    private const int MostWaiting = 1024;

    private static readonly long LatestCreation = (long)(DateTime.MaxValue.AddYears(-100) - DateTime.UnixEpoch).TotalMilliseconds;

    private readonly SlotTable _slots;
    private TimeSpan _delayNotice;
    private TimeSpan _maxAge;

    /// <summary>Makes the review of a scheduler's slots.</summary>
    public SuspensionReview(SlotTable slots, SchedulerLimits limits)
    {
        _slots = slots;
        SetAges(limits.DelayNotice, limits.MaxAge);
    }

    /// <summary>Sets the ages that call for a look.</summary>
    public void SetAges(TimeSpan delayNotice, TimeSpan maxAge)
    {
        _delayNotice = delayNotice;
        _maxAge = maxAge;
    }

    /// <summary>Takes note of an item that begins to wait for a hop; true where its deadline is now the hop's first.</summary>
    public bool Note(Hop hop, in QueueSlot slot)
    {
        hop.NextReview = Math.Min(hop.NextReview, ReviewAt(slot));
        if (!slot.HasDeadline || slot.Due >= hop.NextDeadline)
            return false;
        hop.NextDeadline = slot.Due;
        return true;
    }

    /// <summary>True where an item needs a look before that time.</summary>
    public bool NeedsReview(in QueueSlot slot, long before) => ReviewAt(slot) <= before;

    /// <summary>Starts to look through a hop's items, where one of them may need it and nobody is at it already.</summary>
    public static bool TryBegin(Hop hop, long now)
    {
        if (hop.ReviewLeft > 0 || now < hop.NextReview)
            return false;
        hop.NextReview = hop.NextDeadline = long.MaxValue;
        hop.ReviewLeft = hop.Fresh.Count + hop.Retries.Count;
        return true;
    }

    /// <summary>Looks through some of the items that are left, hands those that need it to <paramref name="reviews"/>, and tells whether more are left.</summary>
    public bool Continue(Hop hop, long now, Queue<QueueWork> reviews)
    {
        for (int looked = 0; hop.ReviewLeft > 0 && looked < MostLooked && reviews.Count < MostWaiting; looked++)
        {
            hop.ReviewLeft--;
            if (hop.Fresh.Count + hop.Retries.Count == 0)
                hop.ReviewLeft = 0;
            else if (hop.Retries.Count == 0 || (hop.Fresh.Count > 0 && hop.ReviewLeft >= hop.Retries.Count))
                Look(hop, ref hop.Fresh, Math.Max(0, hop.ReviewLeft - hop.Retries.Count), now, reviews);
            else
                Look(hop, ref hop.Retries, hop.ReviewLeft, now, reviews);
        }

        return hop.ReviewLeft > 0;
    }

    private void Look(Hop hop, ref ReadyList list, int left, long now, Queue<QueueWork> reviews)
    {
        int slot = list.PopToLook(_slots, left);
        ref QueueSlot entry = ref _slots[slot];
        if (ReviewAt(entry) <= now)
        {
            // Whoever reads it finds out whether a deadline is still to come.
            entry.HasDeadline = false;
            entry.Place = SlotPlace.Reading;
            entry.DelayChecked |= AgeReviewAt(entry) <= now;
            reviews.Enqueue(new QueueWork(WorkKind.Review, slot, entry.Id, hop, hop.Epoch, null));
            return;
        }

        Note(hop, entry);
        list.Push(_slots, slot);
    }

    private long ReviewAt(in QueueSlot slot) => slot.HasDeadline ? Math.Min(slot.Due, AgeReviewAt(slot)) : AgeReviewAt(slot);

    private long AgeReviewAt(in QueueSlot slot)
    {
        TimeSpan age = slot.DelayChecked || _delayNotice >= _maxAge ? _maxAge : _delayNotice;

        // The milliseconds of a version 7 name, kept within what a time can be, whoever made the name.
        ulong created = Math.Min((ulong)(slot.Id.Value >> 80), (ulong)LatestCreation);
        return DateTime.UnixEpoch.Ticks + ((long)created * TimeSpan.TicksPerMillisecond) + age.Ticks;
    }
}
