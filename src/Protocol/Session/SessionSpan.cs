namespace SlimtaFast.Protocol.Session;

/// <summary>
/// How long a session may last (<see cref="SmtpServerOptions.MaxSessionTime"/>). It has no timer of its own: whoever waits for the client to
/// speak waits no longer than until its end. Replies take the time that they need, since an answer cut off is a message sent twice. A
/// value of the dialogue's own; the default never ends.
/// </summary>
internal readonly struct SessionSpan
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _most;
    private readonly long _begun;

    /// <summary>Begins now.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="most">How long; zero or less for ever.</param>
    public SessionSpan(TimeProvider time, TimeSpan most)
    {
        _time = time;
        _most = most;
        _begun = most > TimeSpan.Zero ? time.GetTimestamp() : 0;
    }

    /// <summary>True from its end on.</summary>
    public bool IsOver => _most > TimeSpan.Zero && _time.GetElapsedTime(_begun) >= _most;

    /// <summary>A time to wait, cut off at the end of the session.</summary>
    public TimeSpan Cut(TimeSpan wait)
    {
        if (_most <= TimeSpan.Zero)
            return wait;
        TimeSpan left = _most - _time.GetElapsedTime(_begun);
        return left < wait || wait == Timeout.InfiniteTimeSpan ? left : wait;
    }
}
