namespace SlimtaFast.Queue.Sharing;

/// <summary>
/// How long a storage has been away, as this process saw it: from the last answer before a failure to the first one after it, and so never less than it
/// was. Thread-safe.
/// </summary>
internal sealed class Outage
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private long _answered;
    private TimeSpan _longest;
    private bool _isAway;

    /// <summary>Begins with a storage that answers.</summary>
    public Outage(TimeProvider time)
    {
        _time = time;
        _answered = time.GetTimestamp();
    }

    /// <summary>True where it did not answer when it was asked last.</summary>
    public bool IsAway
    {
        get
        {
            lock (_gate)
                return _isAway;
        }
    }

    /// <summary>Notes an answer.</summary>
    public void Answered()
    {
        lock (_gate)
        {
            TimeSpan length = _time.GetElapsedTime(_answered);
            if (_isAway && length > _longest)
                _longest = length;
            _isAway = false;
            _answered = _time.GetTimestamp();
        }
    }

    /// <summary>Notes that there was none.</summary>
    public void Failed()
    {
        lock (_gate)
            _isAway = true;
    }

    /// <summary>The longest outage that ended since the last call; zero where there was none.</summary>
    public TimeSpan TakeLength()
    {
        lock (_gate)
        {
            TimeSpan length = _longest;
            _longest = TimeSpan.Zero;
            return length;
        }
    }
}
