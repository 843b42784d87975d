using System.Net;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>How an edge listens and what it lets in. Immutable after start.</summary>
public sealed record SmtpEdgeOptions
{
    /// <summary>Where to listen, whether for SMTP or LMTP, in clear or under TLS. Default 127.0.0.1 port 2525, SMTP.</summary>
    public IReadOnlyList<EdgeListener> Listen { get; init; } = [new IPEndPoint(IPAddress.Loopback, 2525)];

    /// <summary>How the SMTP dialogue behaves: host name, message size, recipients, timeouts.</summary>
    public SmtpServerOptions Session { get; init; } = new();

    /// <summary>
    /// Client networks that may relay to any domain. Default: loopback, 127.0.0.0/8 and ::1/128. Widening it to foreign networks
    /// makes an open relay for them.
    /// </summary>
    public IReadOnlyList<IPNetwork> Trust { get; init; } = RelayPermission.Loopback;

    /// <summary>
    /// Domains that anybody may send to, without a trailing dot, compared without regard to case; a leading dot (<c>.example.org</c>)
    /// stands for all subdomains. Default: none.
    /// </summary>
    public IReadOnlyList<string> AcceptDomains { get; init; } = [];

    /// <summary>
    /// Whether connections from <see cref="ProxyFrom"/> start with a header of the PROXY protocol, which says whose connection it is: for
    /// relay permission, limits, logs and Received fields. Default off.
    /// </summary>
    public ProxyProtocolUse ProxyProtocol { get; init; }

    /// <summary>
    /// The proxies. They may name any client, a trusted one too: list nothing but them. Being listed grants no relaying. Default none.
    /// </summary>
    public IReadOnlyList<IPNetwork> ProxyFrom { get; init; } = [];

    /// <summary>How long a proxy's header may take. Default 5 seconds.</summary>
    public TimeSpan ProxyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Clients that may use XCLIENT and XFORWARD: they may say that they are any client. Behind the PROXY protocol the address that the
    /// proxy names counts. Default none.
    /// </summary>
    public IReadOnlyList<IPNetwork> XclientFrom { get; init; } = [];

    /// <summary>Most connections at once on all listeners together; one more gets 421 4.3.2. 0 for no limit. Default 20,000.</summary>
    public int MaxConnections { get; init; } = 20_000;

    /// <summary>
    /// Most connections at once from one client, an address or an IPv6 prefix (<see cref="ClientLimits"/>); one more gets 421 4.7.0. 0 for
    /// no limit. Default 0.
    /// </summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>How clients authenticate; null where they cannot. Takes the place of <see cref="SmtpServerOptions.Auth"/>. Default null.</summary>
    public EdgeAuthOptions? Auth { get; init; }

    /// <summary>What one client may do.</summary>
    public ClientLimits Clients { get; init; } = new();

    /// <summary>From when on no more mail is taken.</summary>
    public LoadLimits Load { get; init; } = new();

    /// <summary>Gauges beside those that <see cref="Load"/> asks for. Default: none.</summary>
    public IReadOnlyList<LoadGauge> Gauges { get; init; } = [];

    /// <summary>Who takes part in every session, in this order. Default: nobody. The hooks stay the caller's to dispose.</summary>
    public IReadOnlyList<SessionHook> Hooks { get; init; } = [];

    /// <summary>Octets of one message that wait in memory; what is longer goes to the queue's medium as it arrives. Default 262,144.</summary>
    public int ContentThreshold { get; init; } = 256 * 1024;

    /// <summary>
    /// Octets that all messages together may take in memory; when they are spent, messages go to the queue's medium at once. Default
    /// 67,108,864.
    /// </summary>
    public long ContentBudget { get; init; } = 64 * 1024 * 1024;
}
