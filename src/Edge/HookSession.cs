using System.IO.Pipelines;
using System.Net;
using SlimtaFast.Edge.Sessions;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>What hooks see of a session, and may do to it. Not thread-safe: hooks use it while they are asked.</summary>
public sealed class HookSession
{
    private readonly SmtpServerSession _session;
    private readonly EdgeSession _edge;
    private Dictionary<Type, object>? _data;

    internal HookSession(SmtpServerSession session, EdgeSession edge)
    {
        _session = session;
        _edge = edge;
    }

    /// <summary>The session's name in logs and events.</summary>
    public SessionId Id => _session.Id;

    /// <summary>The client's address, or null where it has none (a Unix-domain socket).</summary>
    public IPAddress? Address => _session.Client.Address;

    /// <summary>Our own end of the connection.</summary>
    public EndPoint? LocalEndPoint => _session.LocalEndPoint;

    /// <summary>The client's HELO, EHLO or LHLO argument; empty before it.</summary>
    public string HelloName => _session.HelloName;

    /// <summary>TLS version and cipher for people, or null while the connection is in clear.</summary>
    public string? Tls => _session.Connection.Tls;

    /// <summary>Who authenticated, or null.</summary>
    public string? Identity => _session.Client.Identity;

    /// <summary>What the next envelope will say of the client.</summary>
    public ClientFacts Client => _session.Client;

    /// <summary>The client's name from the reverse DNS; what a hook sets here stands in Received fields, so it should be confirmed.</summary>
    public string? HostName
    {
        get => _session.HostName;
        set => _session.HostName = value;
    }

    /// <summary>
    /// True where the client may send to any domain: at first by its network, and from then on as a hook says. Setting it grants or
    /// withdraws that: before the hello for the rest of the session, later until a TLS handshake; XCLIENT ends it.
    /// </summary>
    public bool MayRelay
    {
        get => _edge.MayRelay(_session);
        set => _edge.Grant(_session, value);
    }

    /// <summary>True where the limits on numbers and rates do not apply to the client: at first by its network. A hook may change it.</summary>
    public bool IsExempt
    {
        get => _session.IsExempt;
        set => _session.IsExempt = value;
    }

    /// <summary>Messages accepted in this session so far.</summary>
    public int Accepted => _edge.Accepted;

    /// <summary>True where the client does not speak SMTP or LMTP, but HTTP: each message is a session of its own then.</summary>
    public bool IsGateway => _session.GatewayProtocol is not null;

    /// <summary>What the client sends, for a look at it before the greeting.</summary>
    internal PipeReader Input => _session.Connection.Input;

    /// <summary>Why the last refusal was made, where it was made by <see cref="Refuse"/>.</summary>
    internal RefusalReason Reason { get; private set; }

    /// <summary>True where a hook wants the connection to end.</summary>
    internal bool IsDropped { get; private set; }

    /// <summary>The hook's object of this type that was set in this session, or null.</summary>
    public T? Get<T>()
        where T : class => _data?.GetValueOrDefault(typeof(T)) as T;

    /// <summary>Keeps one object of this type for the session; null forgets it. Use types of your own, so that hooks do not meet.</summary>
    public void Set<T>(T? data)
        where T : class
    {
        if (data is not null)
            (_data ??= [])[typeof(T)] = data;
        else
            _data?.Remove(typeof(T));
    }

    /// <summary>Notes a reason and returns the reply, to be the hook's answer.</summary>
    public SmtpReply Refuse(RefusalReason reason, SmtpReply reply)
    {
        Reason = reason;
        return reply;
    }

    /// <summary>Ends the connection without an answer to what the hook was asked about.</summary>
    public void Drop() => Drop(RefusalReason.Hook);

    /// <summary>Ends the connection without an answer, for a reason that logs and metrics tell.</summary>
    public void Drop(RefusalReason reason)
    {
        Reason = reason;
        IsDropped = true;
        _session.Drop();
    }

    /// <summary>Forgets the reason of an earlier refusal.</summary>
    internal void ForgetReason() => Reason = RefusalReason.Hook;
}
