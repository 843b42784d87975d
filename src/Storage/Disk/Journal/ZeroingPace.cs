namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// Spreads the zeroing of a new segment over half the time in which the journal fills one. Written at full speed, its 64 MiB stand in the
/// device's queue in front of every flush that a 250 waits for, some 50 ms long. Not thread-safe; the keeper's lock guards it.
/// </summary>
internal sealed class ZeroingPace
{
    // An idle journal's next burst may come at any time: a segment is ready again this soon after one was taken.
    private const long LongestSpread = 2_000;

    private long _lastTaken = -1;
    private long _spread;

    /// <summary>Notes that the journal began a segment.</summary>
    /// <param name="now">Milliseconds of a monotonic clock.</param>
    public void NoteTaken(long now)
    {
        if (_lastTaken >= 0)
            _spread = Math.Min((now - _lastTaken) / 2, LongestSpread);
        _lastTaken = now;
    }

    /// <summary>Milliseconds to wait before going on; 0 where the work is behind its pace.</summary>
    /// <param name="started">When the zeroing began.</param>
    /// <param name="now">The time now, of the same clock.</param>
    /// <param name="done">The part that is written, 0 to 1.</param>
    public long GetPause(long started, long now, double done) => Math.Max(0, started + (long)(_spread * done) - now);
}
