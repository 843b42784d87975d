using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>How old what is queued is.</summary>
internal sealed partial class Scheduler
{
    // A million slots are looked through in some milliseconds, of which nobody has to wait for more than some microseconds.
    private const int SlotsAtOnce = 4096;

    // One search at a time: what came since it began is noted for one only.
    private readonly Lock _searchGate = new();

    /// <summary>
    /// The oldest item that is not done, as its name tells; none where there is none. It is searched for only where the one that was found last is done,
    /// or an older one came since.
    /// </summary>
    public QueueId FindOldest()
    {
        lock (_searchGate)
        {
            lock (_gate)
            {
                if (_slots.TryGetOldest(out QueueId known))
                    return known;
                _slots.BeginOldest();
            }

            QueueId oldest = default;
            int from = 0, slot = -1;
            bool goesOn = true;
            while (goesOn)
            {
                lock (_gate)
                    goesOn = _slots.SearchOldest(from, SlotsAtOnce, ref oldest, ref slot);
                from += SlotsAtOnce;
            }

            return oldest;
        }
    }

    /// <summary>The next hops with most to do, the busiest first.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="others">How many more have something to do, or are not used.</param>
    public List<HopSnapshot> FindBusiest(int most, out int others)
    {
        var chosen = new PriorityQueue<Hop, long>(most + 1);
        others = 0;
        List<HopSnapshot> busiest = [];
        lock (_gate)
        {
            foreach (Hop hop in _hops.All)
            {
                long work = hop.Ready + (long)hop.Active;
                if (work == 0 && hop.State == HopState.Up && !hop.IsStopped)
                    continue;
                if (chosen.Count < most)
                {
                    chosen.Enqueue(hop, work);
                    continue;
                }

                others++;
                chosen.EnqueueDequeue(hop, work);
            }

            while (chosen.TryDequeue(out Hop? hop, out _))
                busiest.Add(Describe(hop));
        }

        busiest.Reverse();
        return busiest;
    }
}
