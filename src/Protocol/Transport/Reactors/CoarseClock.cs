namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>
/// A clock that moves once a second, so that reading it costs one load: deadlines are set for every command. Thread-safe.
/// </summary>
internal sealed class CoarseClock : IDisposable
{
    /// <summary>How often it moves, in milliseconds.</summary>
    public const int Resolution = 1000;

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Action _ticked;
    private ITimer? _timer;
    private long _now;

    /// <summary>Prepares a clock.</summary>
    /// <param name="time">Where the time comes from.</param>
    /// <param name="ticked">Called after each move, on a thread of the time provider.</param>
    public CoarseClock(TimeProvider time, Action ticked)
    {
        _time = time;
        _start = time.GetTimestamp();
        _ticked = ticked;
    }

    /// <summary>Milliseconds since the clock was made, at most <see cref="Resolution"/> behind.</summary>
    public long Now => Volatile.Read(ref _now);

    public void Start() => _timer = _time.CreateTimer(static state => ((CoarseClock)state!).Tick(), this, TimeSpan.FromMilliseconds(Resolution), TimeSpan.FromMilliseconds(Resolution));

    public void Dispose() => _timer?.Dispose();

    private void Tick()
    {
        Volatile.Write(ref _now, (long)_time.GetElapsedTime(_start).TotalMilliseconds);
        _ticked();
    }
}
