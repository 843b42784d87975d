using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// How long a client may take: the usual deadline for each command or block of content, its rate, and the end of the session. They share
/// the one deadline of the connection. A value of the dialogue's own, never copied. Not thread-safe.
/// </summary>
internal struct ClientWait
{
    private RateWatch _rate;
    private SessionSpan _span;
    private bool _deadlineRuns;

    /// <summary>True once the session has lasted as long as it may.</summary>
    public readonly bool IsSessionOver => _span.IsOver;

    /// <summary>The session's time begins, where it is limited.</summary>
    public void BeginSession(SmtpServerSession session)
    {
        if (!session.IsExempt)
            _span = new SessionSpan(session.Time, session.Options.MaxSessionTime);
    }

    /// <summary>Something is done with: the next deadline is a new one.</summary>
    public void Restart() => _deadlineRuns = false;

    /// <summary>A line has ended.</summary>
    public void NoteLine()
    {
        _deadlineRuns = false;
        _rate.NoteLine();
    }

    /// <summary>One deadline for a whole command, or a block of content, however many reads it takes; also for sending what answers it.</summary>
    public void StartDeadline(Connection connection, TimeSpan usual)
    {
        if (_deadlineRuns)
            return;
        _deadlineRuns = true;
        _rate.NoteUsualDeadline();
        connection.SetDeadline(usual);
    }

    /// <summary>A wait for the client to speak begins. True where the rate counts it.</summary>
    /// <param name="session">Whose client it is.</param>
    /// <param name="usual">How long would be waited at most.</param>
    /// <param name="isContent">True within a content, false where a command is awaited.</param>
    /// <param name="hasRest">True where a part of the line has come.</param>
    public bool Begin(SmtpServerSession session, TimeSpan usual, bool isContent, bool hasRest)
    {
        StartDeadline(session.Connection, usual);
        TimeSpan wait = _span.Cut(usual);
        if (wait != usual)
            session.Connection.SetDeadline(wait);
        return _rate.BeginWait(session, wait, isContent, hasRest);
    }

    /// <summary>The wait has ended; true where the client is too slow.</summary>
    /// <param name="counts">What <see cref="Begin"/> said.</param>
    /// <param name="received">Octets that are there now.</param>
    public bool End(bool counts, long received) => _rate.EndWait(counts, received);

    /// <summary>Which time it was that has run out, and what the client hears.</summary>
    public readonly (SessionEndReason Reason, Canned Farewell) Judge() =>
        _rate.IsDeadline ? (SessionEndReason.TooSlow, Canned.TooSlow)
        : _span.IsOver ? (SessionEndReason.SessionTooLong, Canned.SessionTooLong)
        : (SessionEndReason.Timeout, Canned.TimedOut);
}
