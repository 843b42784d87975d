namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// How fast a hop takes mail, and so when it will come to an item that has to wait outside of its list. Times are UTC ticks. Not thread-safe: the
/// scheduler's lock covers it.
/// </summary>
internal struct HopPace
{
    // A part of the list is still there when the items that were sent away come back.
    private const int Early = 2;

    // How much a single attempt counts.
    private const int Weight = 8;

    // So that they come back some at a time, and the storage is not asked for each.
    private static readonly long Step = TimeSpan.FromMilliseconds(250).Ticks;
    private static readonly long Least = TimeSpan.FromSeconds(1).Ticks;

    // Another process may have more luck with the hop.
    private static readonly long Most = TimeSpan.FromMinutes(1).Ticks;

    private long _watched;
    private long _since;
    private long _mean;
    private long _taken;
    private bool _noneEnded;

    /// <summary>An attempt begins while no other runs. After a minute without any the hop is watched anew, unless the last ones found it down.</summary>
    public void Began(long now)
    {
        if (now - _since > Most && !_noneEnded)
            _watched = now;
        _since = now;
        _noneEnded = true;
    }

    /// <summary>An attempt ended.</summary>
    public void Ended(long now)
    {
        long interval = Math.Max(1, now - _since);
        _mean = _mean == 0 ? interval : Math.Max(1, _mean + ((interval - _mean) / Weight));
        _since = now;
        _noneEnded = false;
    }

    /// <summary>When an item is to come back: each has its turn behind those that were sent away before, as far as that can be foreseen.</summary>
    /// <param name="now">The time.</param>
    /// <param name="ready">Items in the list.</param>
    /// <param name="isBusy">True while attempts run.</param>
    /// <param name="random">Below 1; spreads those whose turn is too far off.</param>
    public long TakeTurn(long now, int ready, bool isBusy, double random)
    {
        // One that hangs is as slow as it has hung for by now.
        long each = isBusy ? Math.Max(_mean, now - _since) : _mean;
        long turn = Math.Max(_taken, now + Math.Max(Least, Math.Min(Most, each) * ready / Early));

        // Nothing is foreseen for longer than the hop has been watched: its first attempts wait for connections, and say little of those after them.
        long most = Math.Clamp(now - _watched, 2 * Least, Most);
        if (turn >= now + most)
            return now + (most / 2) + (long)(most / 2 * random);
        _taken = turn + each;
        return (turn + Step - 1) / Step * Step;
    }
}
