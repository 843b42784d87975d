namespace SlimtaFast.Queue.Scheduling;

/// <summary>The one timer of a queue: it rings for whatever is due first. Thread-safe.</summary>
internal sealed class WakeTimer : IDisposable
{
    // Due times are wall-clock times: looking at the clock now and then makes up for a clock that was set.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Action _ring;
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue;
    private bool _disposed;

    /// <summary>Makes a timer that is not armed.</summary>
    public WakeTimer(TimeProvider time, Action ring)
    {
        _time = time;
        _ring = ring;
        _timer = time.CreateTimer(static state => ((WakeTimer)state!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Makes the timer ring at that time, in UTC ticks, or earlier. Not to be called under a lock that the ringing takes.</summary>
    public void Arm(long due)
    {
        if (due >= Volatile.Read(ref _armedFor))
            return;
        lock (_gate)
        {
            if (_disposed || due >= _armedFor)
                return;
            Volatile.Write(ref _armedFor, due);

            // Rounded up to whole milliseconds, which is what timers count in, so that it never rings just before something is due.
            long wait = Math.Clamp(due - _time.GetUtcNow().Ticks, 0, Longest.Ticks);
            _timer.Change(TimeSpan.FromTicks(wait + TimeSpan.TicksPerMillisecond - 1), Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _timer.Dispose();
    }

    private void Ring()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            Volatile.Write(ref _armedFor, long.MaxValue);
        }

        _ring();
    }
}
