using System.Net;
using SlimtaFast.Edge.Auth;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Hooks;
using SlimtaFast.Edge.Limits;
using SlimtaFast.Edge.Load;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Sessions;

/// <summary>
/// What all sessions share that began under one configuration of an edge. Immutable; what it refers to is thread-safe. Another configuration makes
/// another of it, which the sessions from then on have: a session goes by what it began with, to its end.
/// </summary>
internal sealed class EdgeResources
{
    /// <summary>Gathers the parts.</summary>
    public EdgeResources(
        IMailQueue queue,
        SmtpEdgeOptions options,
        QueueIdGenerator ids,
        TimeProvider time,
        Admission admission,
        LoadMonitor load,
        EdgeMetrics metrics,
        EdgeLog log,
        IMailEventSink? events,
        CancellationToken stopping)
    {
        Options = options;
        Queue = queue;
        Ids = ids;
        SessionIds = new SessionIdGenerator(time);
        Events = events;
        Time = time;
        Metrics = metrics;
        Log = log;
        Stopping = stopping;
        Authenticator = options.Auth is null ? null : new Authenticator(options.Auth, time, log, metrics);
        Session = Authenticator is null ? options.Session : options.Session with { Auth = Authenticator.Session };
        Admission = admission;
        Load = load;
        Proxies = new ProxyAgreement(options);
        Hooks = new HookChain(options.Hooks);
        Permission = new RelayPermission(options.Trust, options.AcceptDomains);
        Budget = new ContentBudget(options.ContentBudget);
        ContentThreshold = options.ContentThreshold;
        BeginSpill = id => queue.BeginContent(id, null);
        Lmtp = Session with { Lmtp = true };
        Xclients = new NetworkList(options.XclientFrom);
    }

    /// <summary>What the sessions from now on share under other options: all but that is what it was, the memory for contents too.</summary>
    public EdgeResources(SmtpEdgeOptions options, EdgeResources earlier)
    {
        Options = options;
        Queue = earlier.Queue;
        Ids = earlier.Ids;
        SessionIds = earlier.SessionIds;
        Events = earlier.Events;
        Time = earlier.Time;
        Metrics = earlier.Metrics;
        Log = earlier.Log;
        Stopping = earlier.Stopping;
        Load = earlier.Load;
        Budget = earlier.Budget;
        BeginSpill = earlier.BeginSpill;
        Authenticator = options.Auth is null ? null
            : ReferenceEquals(options.Auth, earlier.Options.Auth) ? earlier.Authenticator
            : new Authenticator(options.Auth, Time, Log, Metrics, earlier.Authenticator);
        Session = Authenticator is null ? options.Session : options.Session with { Auth = Authenticator.Session };
        Proxies = new ProxyAgreement(options);
        Hooks = new HookChain(options.Hooks);
        Permission = new RelayPermission(options.Trust, options.AcceptDomains);
        ContentThreshold = options.ContentThreshold;
        Lmtp = Session with { Lmtp = true };
        Xclients = new NetworkList(options.XclientFrom);
        // Last, because it sets the limits of what is shared: by now nothing can be wrong any more.
        Admission = new Admission(options, earlier.Admission);
    }

    /// <summary>What it was made of.</summary>
    public SmtpEdgeOptions Options { get; }

    /// <summary>Where messages end.</summary>
    public IMailQueue Queue { get; }

    /// <summary>Names messages and contents.</summary>
    public QueueIdGenerator Ids { get; }

    /// <summary>Names sessions.</summary>
    public SessionIdGenerator SessionIds { get; }

    /// <summary>Is told of refusals; null where nobody wants to know.</summary>
    public IMailEventSink? Events { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Counts.</summary>
    public EdgeMetrics Metrics { get; }

    /// <summary>Logs.</summary>
    public EdgeLog Log { get; }

    /// <summary>Fires when the edge stops.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>How the sessions' dialogues behave.</summary>
    public SmtpServerOptions Session { get; }

    /// <summary>The same for listeners that speak LMTP.</summary>
    public SmtpServerOptions Lmtp { get; }

    /// <summary>Who may use XCLIENT and XFORWARD.</summary>
    public NetworkList Xclients { get; }

    /// <summary>Knows the users, or null where nobody can authenticate.</summary>
    public Authenticator? Authenticator { get; }

    /// <summary>Which connections are served, and the clients' rates.</summary>
    public Admission Admission { get; }

    /// <summary>What is short.</summary>
    public LoadMonitor Load { get; }

    /// <summary>Which peers speak for others.</summary>
    public ProxyAgreement Proxies { get; }

    /// <summary>Who takes part in sessions.</summary>
    public HookChain Hooks { get; }

    /// <summary>Who may send where.</summary>
    public RelayPermission Permission { get; }

    /// <summary>Memory for all contents together.</summary>
    public ContentBudget Budget { get; }

    /// <summary>Octets of one message that may wait in memory.</summary>
    public int ContentThreshold { get; }

    /// <summary>Starts a content on the queue's medium; one delegate for all messages.</summary>
    public Func<QueueId, ContentWriter> BeginSpill { get; }

    /// <summary>Counts, logs and tells that a connection is turned away; the answer is the caller's.</summary>
    public void RefuseConnection(EndPoint? client, RefusalReason why)
    {
        Metrics.Refused(RefusedThing.Connection, why);
        Log.ConnectionRefused(client, why);
        if (Events is not null)
            RefusalEvents.Note(Events, Time, client, why);
    }
}
