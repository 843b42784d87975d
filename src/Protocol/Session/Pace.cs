namespace SlimtaFast.Protocol.Session;

/// <summary>
/// How fast a client sends. Only the time spent waiting for it counts, never the time in which we were busy. Exists only once a content
/// or a command line has come in pieces, so that it costs a client that sends properly nothing. Not thread-safe.
/// </summary>
internal sealed class Pace(SmtpServerOptions options, TimeProvider time)
{
    private readonly TimeProvider _time = time;
    private readonly TimeSpan _window = options.MinDataRateWindow;
    private readonly long _leastOctets = (long)(options.MinDataRate * options.MinDataRateWindow.TotalSeconds);
    private long _waitStart;
    private TimeSpan _waited;
    private long _octets;
    private bool _isContent;

    /// <summary>True where the client was slower than it must be.</summary>
    public bool IsTooSlow => _waited >= _window && (!_isContent || _octets < _leastOctets);

    /// <summary>A wait begins; returns how long it may take by the rate, or null where enough has come for this window.</summary>
    /// <param name="isContent">True for a content, false for the rest of a command line.</param>
    /// <param name="begins">True where the content or line is looked at for the first time.</param>
    /// <param name="received">What the wait before this brought; counted where the content begins.</param>
    public TimeSpan? BeginWait(bool isContent, bool begins, long received)
    {
        _isContent = isContent;
        if (begins || _waited >= _window)
        {
            _waited = TimeSpan.Zero;
            _octets = begins ? received : 0;
        }

        _waitStart = _time.GetTimestamp();
        return isContent && _octets >= _leastOctets ? null : _window - _waited;
    }

    /// <summary>Notes what a wait brought.</summary>
    public void EndWait(long octets)
    {
        _waited += _time.GetElapsedTime(_waitStart);
        _octets += octets;
    }
}
