namespace SlimtaFast.Protocol.Session;

/// <summary>
/// Watches how fast a client sends (<see cref="SmtpServerOptions.MinDataRate"/>): from the second wait within a content, and from the first
/// within a line, so that a client that sends each in one go is never timed. A value of the dialogue's own, because most sessions never
/// need more of it than its zeros. Not thread-safe.
/// </summary>
internal struct RateWatch
{
    private Pace? _pace;
    private long _received;
    private int _contentWaits;
    private bool _isInPieces;
    private bool _isNewLine;

    /// <summary>True where the connection's deadline is that of the rate, not the usual one.</summary>
    public bool IsDeadline { get; private set; }

    /// <summary>Notes that a line has ended.</summary>
    public void NoteLine() => _isNewLine = true;

    /// <summary>Notes that the connection has its usual deadline.</summary>
    public void NoteUsualDeadline() => IsDeadline = false;

    /// <summary>A wait for the client begins; sets the connection's deadline where the rate wants it. True where the wait counts.</summary>
    /// <param name="session">Whose client it is.</param>
    /// <param name="usual">How long would be waited without it.</param>
    /// <param name="isContent">True within a content, false where a command is awaited.</param>
    /// <param name="hasRest">True where a part of the line has come.</param>
    public bool BeginWait(SmtpServerSession session, TimeSpan usual, bool isContent, bool hasRest)
    {
        SmtpServerOptions options = session.Options;
        if (!isContent)
            _contentWaits = 0;
        bool comesInPieces = isContent ? ++_contentWaits > 1 : hasRest;
        if (!comesInPieces || options.MinDataRate <= 0 || session.IsExempt)
        {
            _isInPieces = false;
            return false;
        }

        _pace ??= new Pace(options, session.Time);
        TimeSpan? left = _pace.BeginWait(isContent, begins: !_isInPieces || (!isContent && _isNewLine), _received);
        _isInPieces = true;
        _isNewLine &= isContent;
        if (left < usual || IsDeadline)
        {
            IsDeadline = left < usual;
            session.Connection.SetDeadline(IsDeadline ? left!.Value : usual);
        }

        return true;
    }

    /// <summary>The wait has ended; true where the client is too slow.</summary>
    /// <param name="counts">What <see cref="BeginWait"/> said.</param>
    /// <param name="received">Octets that are there now.</param>
    public bool EndWait(bool counts, long received)
    {
        _received = received;
        if (!counts)
            return false;
        _pace!.EndWait(received);
        return _pace.IsTooSlow;
    }
}
