using System.Net;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Session;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol;

/// <summary>
/// Runs one SMTP dialogue as a server over a connection. Not thread-safe: everything happens on the thread that serves the connection.
/// </summary>
public sealed class SmtpServerSession
{
    private readonly Connection _connection;
    private readonly SmtpServerHandler _handler;
    private ClientFacts? _client;
    private ClientFacts? _utf8Client;
    private ClientAttributes? _told;
    private ClientAttributes? _forwarded;
    private string _hello = "";
    private string? _identity;
    private bool _usesUtf8;

    /// <summary>Prepares a session; <see cref="RunAsync"/> runs it.</summary>
    /// <param name="connection">The connection, which stays its owner's.</param>
    /// <param name="handler">Answers the dialogue's questions.</param>
    /// <param name="options">How the dialogue behaves.</param>
    /// <param name="time">The clock that times in MAIL are counted from; null for the system's.</param>
    public SmtpServerSession(Connection connection, SmtpServerHandler handler, SmtpServerOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(options);
        _connection = connection;
        _handler = handler;
        Options = options;
        Time = time ?? TimeProvider.System;
    }

    /// <summary>The client's host name from the reverse DNS, forward-confirmed, as the handler found it out; null before.</summary>
    public string? HostName
    {
        get;
        set
        {
            field = value;
            _client = _utf8Client = null;
        }
    }

    /// <summary>
    /// True where the limits on numbers, rates and time do not apply to this client: <see cref="SmtpServerOptions.MaxCommands"/>,
    /// <see cref="SmtpServerOptions.MaxMessagesPerSession"/>, <see cref="SmtpServerOptions.MaxRefusals"/>,
    /// <see cref="SmtpServerOptions.MaxSessionTime"/> and <see cref="SmtpServerOptions.MinDataRate"/>. The handler sets it when the client
    /// connects. Default false.
    /// </summary>
    public bool IsExempt { get; set; }

    /// <summary>True where the handler wants the connection to end.</summary>
    internal bool IsDropped { get; private set; }

    /// <summary>What was configured.</summary>
    public SmtpServerOptions Options { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The connection.</summary>
    public Connection Connection => _connection;

    /// <summary>What the PROXY protocol told of the connection, or null where it was not used.</summary>
    public ProxyHeader? ProxyHeader { get; init; }

    /// <summary>
    /// True where this client is a proxy that may use XCLIENT and XFORWARD, which others are not offered. The handler's owner decides,
    /// by the connection's own address and before the session runs: with XCLIENT the client's address is what the proxy says.
    /// </summary>
    public bool TrustsProxyCommands { get; init; }

    /// <summary>The session's name in logs and events, as its owner gave it.</summary>
    public SessionId Id { get; init; }

    /// <summary>The client's address: as a proxy told it by XCLIENT, else the connection's; null where the proxy says it is unknown.</summary>
    public EndPoint? RemoteEndPoint => (_told?.Given & ClientAttribute.Addr) is null or ClientAttribute.None
        ? _connection.RemoteEndPoint
        : _told!.Address is { } address ? new IPEndPoint(address, _told.Port ?? 0) : null;

    /// <summary>The address that the client connected to: as a proxy told it by XCLIENT, else the connection's.</summary>
    public EndPoint? LocalEndPoint => _told?.DestinationAddress is { } address
        ? new IPEndPoint(address, _told.DestinationPort ?? 0)
        : _connection.LocalEndPoint;

    /// <summary>Where a content filter says the next message comes from (XFORWARD), or null. For logs only.</summary>
    public ForwardedClient? Forwarded { get; private set; }

    /// <summary>The client's HELO, EHLO or LHLO argument, or what a proxy told of it by XCLIENT; empty before it.</summary>
    public string HelloName => _told?.HelloName is { } told && _hello.Length > 0 ? told : _hello;

    /// <summary>Who authenticated here, or with the proxy that speaks for the client by XCLIENT; null for nobody.</summary>
    public string? Identity => _identity ?? _told?.Login;

    /// <summary>
    /// Facts of the client for envelopes: one object for the whole session until a hello, AUTH or TLS changes them, and a second one for
    /// transactions with SMTPUTF8, whose protocol has another name.
    /// </summary>
    public ClientFacts Client => _usesUtf8 ? _utf8Client ??= MakeFacts(usesUtf8: true) : _client ??= MakeFacts(usesUtf8: false);

    /// <summary>
    /// The protocol's name in envelopes where the client speaks another than SMTP, as <c>HTTP</c>: then <see cref="GatewaySession"/> asks the
    /// handler, and nothing is read from the connection. Null for SMTP and LMTP, whose names follow from the session. Default null.
    /// </summary>
    public string? GatewayProtocol { get; init; }

    /// <summary>What ended the session where it ended with <see cref="SessionEndReason.Fault"/>, for the owner's log; else null.</summary>
    public Exception? Fault { get; internal set; }

    /// <summary>True to begin with a TLS handshake, before the greeting (RFC 8314 section 3.3); the options must have TLS then. Default false.</summary>
    public bool ImplicitTls { get; init; }

    /// <summary>Why the TLS handshake failed where the session ended with <see cref="SessionEndReason.TlsFailed"/>, for the owner's log; else null.</summary>
    public string? TlsProblem { get; internal set; }

    /// <summary>Something of the handler's own.</summary>
    public object? State { get; set; }

    /// <summary>
    /// Runs the dialogue to its end, once. The connection stays open; who owns it disposes it. The task fails only where the handler's
    /// <see cref="SmtpServerHandler.OnDisconnect"/> does.
    /// </summary>
    /// <param name="stopping">The server stops: a transaction that has begun may be finished, then the client is told 421.</param>
    public Task<SessionEndReason> RunAsync(CancellationToken stopping) => new DialogueLoop(this, _handler, stopping).RunAsync();

    /// <summary>True where the client said EHLO or LHLO and so knows our extensions.</summary>
    internal bool IsExtended { get; private set; }

    /// <summary>The extensions of MAIL that this session offers.</summary>
    internal MailOffers Offers
    {
        get
        {
            MailOffers offers = Options.BinaryMime ? MailOffers.BinaryMime : MailOffers.None;
            if (Options.DeliverBy)
                offers |= MailOffers.DeliverBy;
            if (Options.MtPriority)
                offers |= MailOffers.Priority;
            return Options.FutureRelease > TimeSpan.Zero && _handler.MayHold(this) ? offers | MailOffers.FutureRelease : offers;
        }
    }

    /// <summary>
    /// Called by the handler while it is asked: the connection ends without an answer to what it was asked about. Earlier answers that
    /// wait to be sent still leave.
    /// </summary>
    public void Drop() => IsDropped = true;

    /// <summary>Takes over who the client is; null forgets it, as STARTTLS must (RFC 3207 section 4.2).</summary>
    internal void SetIdentity(string? identity)
    {
        _identity = identity;
        _client = _utf8Client = null;
    }

    /// <summary>Takes over what the client calls itself; empty for "nothing yet".</summary>
    internal void SetHello(string name, bool isExtended)
    {
        _hello = name;
        IsExtended = isExtended;
        _client = _utf8Client = null;
        _usesUtf8 = false;
    }

    /// <summary>Notes whether the transaction uses SMTPUTF8.</summary>
    internal void SetUtf8(bool usesUtf8) => _usesUtf8 = usesUtf8;

    /// <summary>Starts over as the client that a trusted proxy tells of.</summary>
    internal void TakeOver(ClientAttributes attributes)
    {
        _told = _told?.With(attributes) ?? attributes;
        _identity = null;
        HostName = null;
        SetHello("", isExtended: false);
    }

    /// <summary>Keeps what a trusted content filter tells of the next message's origin.</summary>
    internal void NoteForwarded(ClientAttributes attributes)
    {
        _forwarded = _forwarded?.With(attributes) ?? attributes;
        Forwarded = new ForwardedClient
        {
            Name = _forwarded.Name,
            Address = _forwarded.Address,
            Port = _forwarded.Port,
            Protocol = _forwarded.Protocol,
            HelloName = _forwarded.HelloName,
            Ident = _forwarded.Ident,
            Source = _forwarded.Source,
        };
    }

    private ClientFacts MakeFacts(bool usesUtf8)
    {
        IPAddress? address = (RemoteEndPoint as IPEndPoint)?.Address;
        string? tls = _connection.Tls ?? ProxyHeader?.Tls?.ToString();
        return new ClientFacts
        {
            Address = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address,
            HelloName = HelloName,
            HostName = _told?.Name ?? HostName,
            Identity = Identity,
            Protocol = GatewayProtocol ?? ProtocolName.Get(
                Options.Lmtp, _told?.Protocol is { } told ? told == "ESMTP" : IsExtended, usesUtf8, isSecure: tls is not null, isAuthenticated: Identity is not null),
            Tls = tls,
            ServerName = Options.HostName,
            Session = Id,
        };
    }
}
