namespace SlimtaFast.Protocol.Session;

/// <summary>
/// The limits of a session on time and rate, beside the plain deadlines: how long it may last, and how fast a client must send. Only the
/// time spent waiting for the client counts towards its rate, never the time in which we were busy. Exists only for sessions that have
/// such limits. Not thread-safe.
/// </summary>
internal sealed class Pace
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _window;
    private readonly TimeSpan _longest;
    private readonly long _leastOctets;
    private readonly long _start;
    private long _waitStart;
    private TimeSpan _plainEnd;
    private TimeSpan _waited;
    private long _octets;
    private bool _wasContent;
    private bool _wasPartialLine;

    private Pace(SmtpServerOptions options)
    {
        _time = options.Time;
        _window = options.MinDataRate > 0 ? options.MinDataRateWindow : TimeSpan.MaxValue;
        _longest = options.MaxSessionTime > TimeSpan.Zero ? options.MaxSessionTime : TimeSpan.MaxValue;
        _leastOctets = (long)(options.MinDataRate * options.MinDataRateWindow.TotalSeconds);
        _start = _waitStart = _time.GetTimestamp();
    }

    /// <summary>What it means when the deadline that was given last passes.</summary>
    public SessionEndReason Expired { get; private set; } = SessionEndReason.Timeout;

    /// <summary>The limits of a session that begins; null where it has none.</summary>
    public static Pace? TryCreate(SmtpServerOptions options, bool isExempt) =>
        isExempt || (options.MinDataRate <= 0 && options.MaxSessionTime <= TimeSpan.Zero) ? null : new Pace(options);

    /// <summary>The deadline of a wait that begins now.</summary>
    /// <param name="usual">How long the command or block may take.</param>
    /// <param name="isNew">True where the command or block begins with this wait.</param>
    /// <param name="isContent">True while a content is received.</param>
    /// <param name="isPartialLine">True where a command line has begun and is not complete.</param>
    public TimeSpan GetDeadline(TimeSpan usual, bool isNew, bool isContent, bool isPartialLine)
    {
        _waitStart = _time.GetTimestamp();
        TimeSpan now = _time.GetElapsedTime(_start, _waitStart);
        if (isNew)
            _plainEnd = now + usual;
        TurnWindow(isContent, !isContent && isPartialLine, isNew);
        TimeSpan left = _plainEnd - now;
        Expired = SessionEndReason.Timeout;
        if (isContent || isPartialLine)
            Bound(ref left, _window - _waited, SessionEndReason.TooSlow);
        Bound(ref left, _longest - now, SessionEndReason.SessionTooLong);
        // Nothing left: the connection's clock finds it out at its next look.
        return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
    }

    /// <summary>Notes what a wait brought.</summary>
    public void NoteInput(long octets)
    {
        _waited += _time.GetElapsedTime(_waitStart);
        _octets += octets;
    }

    private void Bound(ref TimeSpan left, TimeSpan limit, SessionEndReason reason)
    {
        if (limit >= left)
            return;
        left = limit;
        Expired = reason;
    }

    // A window begins with a content, with the first piece of a line, and after one in which enough has come.
    private void TurnWindow(bool isContent, bool isPartialLine, bool isNew)
    {
        bool begins = (isContent && !_wasContent) || (isPartialLine && (isNew || !_wasPartialLine));
        bool isFulfilled = isContent && _waited >= _window && _octets >= _leastOctets;
        _wasContent = isContent;
        _wasPartialLine = isPartialLine;
        if (!begins && !isFulfilled)
            return;
        _waited = TimeSpan.Zero;
        _octets = 0;
    }
}
