namespace SlimtaFast.Queue.Scheduling;

/// <summary>What can change of a scheduler's bounds while it runs.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Sets the ages at which an item of a suspended hop needs a look.</summary>
    public void SetAges(TimeSpan delayNotice, TimeSpan maxAge)
    {
        lock (_gate)
        {
            _suspensions.SetAges(delayNotice, maxAge);
            // When a hop's items need a look was reckoned with the ages before; the next look, at its next retry at the latest, reckons anew.
            foreach (Hop hop in _hops.All)
                hop.NextReview = Math.Min(hop.NextReview, Now);
        }
    }

    /// <summary>Has the hops that are down tried now, each by one attempt at first, but not those that an operator suspended.</summary>
    public void ResumeHops()
    {
        lock (_gate)
        {
            while (_suspensions.TryResume(long.MaxValue - 1, out Hop? hop))
                Enrol(hop!);
        }
    }
}
