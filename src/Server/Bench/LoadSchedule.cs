namespace SlimtaFast.Server.Bench;

/// <summary>
/// Hands out the messages of a run to its connections. With a rate, message i has the fixed intended time i / rate from the start, however
/// the server does: latency counts from it, so that a stall shows in all the messages that it delayed. Thread-safe.
/// </summary>
internal sealed class LoadSchedule
{
    private readonly LoadPlan _plan;
    private readonly TimeProvider _time;
    private readonly long _start;
    private long _taken;

    /// <summary>Starts the clock.</summary>
    public LoadSchedule(LoadPlan plan, TimeProvider time)
    {
        _plan = plan;
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>True where messages have intended times.</summary>
    public bool IsPaced => _plan.Rate is not null;

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Takes the next message, unless the run is through.</summary>
    /// <param name="due">When it is meant to begin, from the start; zero without a rate.</param>
    public bool TryTake(out TimeSpan due)
    {
        due = default;
        if (_plan.Duration is { } duration && _plan.Rate is null && Elapsed >= _plan.WarmUp + duration)
            return false;
        long number = Interlocked.Increment(ref _taken) - 1;
        if (number >= _plan.Messages)
            return false;
        if (_plan.Rate is not { } rate)
            return true;
        due = TimeSpan.FromSeconds(number / rate);
        return _plan.Duration is null || due < _plan.WarmUp + _plan.Duration;
    }
}
