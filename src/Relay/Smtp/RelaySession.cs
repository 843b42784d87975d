using SlimtaFast.Protocol;

namespace SlimtaFast.Relay.Smtp;

/// <summary>An open session with a next hop, in use by one attempt or idle in the pool.</summary>
internal sealed class RelaySession
{
    /// <summary>Wraps an open session.</summary>
    public RelaySession(SmtpClientSession session, Target target, string remoteName)
    {
        Session = session;
        Target = target;
        RemoteName = remoteName;
        Home = SynchronizationContext.Current;
    }

    /// <summary>The session.</summary>
    public SmtpClientSession Session { get; }

    /// <summary>With whom.</summary>
    public Target Target { get; }

    /// <summary>The server's name for outcomes and reports: a host name, or an address in square brackets.</summary>
    public string RemoteName { get; }

    /// <summary>The thread that serves the connection; work from there needs no crossing.</summary>
    public SynchronizationContext? Home { get; }

    /// <summary>The clock's time stamp when the session became idle; 0 for a fresh one.</summary>
    public long IdleSince { get; set; }

    /// <summary>True where it was in the pool before: the server may have closed it meanwhile.</summary>
    public bool IsReused { get; set; }
}
