namespace SlimtaFast.Relay.Smtp;

/// <summary>
/// Keeps open sessions for the next message to the same host. How many there are at once is the queue's concern: the pool only keeps
/// what was used. Idle ones are closed after a while. Thread-safe, with short locks.
/// </summary>
internal sealed class SessionPool : IAsyncDisposable
{
    private const int MostAbrupt = 10_000;

    // Within this time after its last answer a server is taken to be there: closing a busy session unannounced is a server's fault.
    private static readonly TimeSpan TrustedIdleTime = TimeSpan.FromSeconds(1);

    private readonly SmtpRelayOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _sweeper;
    private readonly Lock _gate = new();
    private readonly Dictionary<Target, List<RelaySession>> _idle = [];
    private readonly HashSet<Task> _farewells = [];
    private readonly HashSet<Target> _abrupt = [];
    private bool _isDisposed;

    /// <summary>Makes an empty pool.</summary>
    public SessionPool(SmtpRelayOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        TimeSpan period = options.IdleTimeout > TimeSpan.FromSeconds(2) ? options.IdleTimeout / 4 : TimeSpan.FromMilliseconds(500);
        _sweeper = time.CreateTimer(static state => ((SessionPool)state!).CloseIdle(), this, period, period);
    }

    /// <summary>The session with the host that was used last, preferably one of this thread's; null where there is none.</summary>
    public RelaySession? Take(Target target)
    {
        SynchronizationContext? here = SynchronizationContext.Current;
        RelaySession? taken = null;
        lock (_gate)
        {
            if (_idle.TryGetValue(target, out List<RelaySession>? sessions) && sessions.Count > 0)
            {
                int at = sessions.Count - 1;
                for (int i = at; i >= 0; i--)
                {
                    if (ReferenceEquals(sessions[i].Home, here))
                    {
                        at = i;
                        break;
                    }
                }

                taken = sessions[at];
                sessions.RemoveAt(at);
            }
        }

        if (taken is not null)
            taken.IsReused = true;
        return taken;
    }

    /// <summary>
    /// True where a message must not leave on this session before a recipient is accepted, because the server may have closed it: it was
    /// idle for a while, or its host is one that closes without a word.
    /// </summary>
    public bool MayBeClosed(RelaySession session)
    {
        if (!session.IsReused)
            return false;
        if (GetIdleTime(session) > TrustedIdleTime)
            return true;
        lock (_gate)
            return _abrupt.Count > 0 && _abrupt.Contains(session.Target);
    }

    /// <summary>The host closed a session that was hardly idle, without a word: it is not trusted with the next.</summary>
    public void NoteAbruptEnd(Target target)
    {
        lock (_gate)
        {
            if (_abrupt.Count >= MostAbrupt)
                _abrupt.Clear();
            _abrupt.Add(target);
        }
    }

    /// <summary>Takes a session back after a transaction: keeps it, or closes it where it is of no more use.</summary>
    public void Return(RelaySession session)
    {
        if (session.Session.IsUsable && session.Session.Transactions < GetMostMessages(session) && _options.IdleTimeout > TimeSpan.Zero)
        {
            session.IdleSince = _time.GetTimestamp();
            lock (_gate)
            {
                if (!_isDisposed)
                {
                    if (!_idle.TryGetValue(session.Target, out List<RelaySession>? sessions))
                        _idle[session.Target] = sessions = [];
                    sessions.Add(session);
                    return;
                }
            }
        }

        Close(session);
    }

    /// <summary>Closes a session, with QUIT where it still works, without waiting for it.</summary>
    public void Close(RelaySession session)
    {
        Task farewell = session.Session.QuitAsync(CancellationToken.None).AsTask();
        if (farewell.IsCompletedSuccessfully)
            return;
        lock (_gate)
            _farewells.Add(farewell);
        _ = farewell.ContinueWith(
            static (ended, state) => ((SessionPool)state!).Forget(ended), this, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Closes all idle sessions and waits for their farewells, each bounded by its time limit.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sweeper.DisposeAsync();
        List<RelaySession> leaving;
        lock (_gate)
        {
            _isDisposed = true;
            leaving = [.. _idle.Values.SelectMany(static sessions => sessions)];
            _idle.Clear();
        }

        foreach (RelaySession session in leaving)
            Close(session);
        Task[] farewells;
        lock (_gate)
            farewells = [.. _farewells];
        await Task.WhenAll(farewells).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Ours or the server's own limit (MAILMAX, RFC 9422), whichever is lower.
    private int GetMostMessages(RelaySession session)
    {
        int announced = session.Session.Extensions.Limits.Messages;
        return announced > 0 && announced < _options.MaxMessagesPerConnection ? announced : _options.MaxMessagesPerConnection;
    }

    private TimeSpan GetIdleTime(RelaySession session) => _time.GetElapsedTime(session.IdleSince);

    private void Forget(Task ended)
    {
        lock (_gate)
            _farewells.Remove(ended);
    }

    private void CloseIdle()
    {
        List<RelaySession>? leaving = null;
        lock (_gate)
        {
            foreach ((Target target, List<RelaySession> sessions) in _idle)
            {
                // The oldest stand first, since the last used is taken first.
                int old = 0;
                while (old < sessions.Count && GetIdleTime(sessions[old]) >= _options.IdleTimeout)
                    (leaving ??= []).Add(sessions[old++]);
                sessions.RemoveRange(0, old);
                if (sessions.Count == 0)
                    _idle.Remove(target);
            }
        }

        if (leaving is null)
            return;
        foreach (RelaySession session in leaving)
            Close(session);
    }
}
