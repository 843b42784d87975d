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
    private bool _isExtended;
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

    /// <summary>What was configured.</summary>
    public SmtpServerOptions Options { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>
    /// True where the client may have messages held (FUTURERELEASE): set by the handler when it is asked about the hello, for clients that
    /// it trusts. A new hello makes it false before that. Default false.
    /// </summary>
    public bool MayHold { get; set; }

    /// <summary>The connection.</summary>
    public Connection Connection => _connection;

    /// <summary>The client's HELO or EHLO argument; empty before it.</summary>
    public string HelloName { get; private set; } = "";

    /// <summary>
    /// Facts of the client for envelopes: one object for the whole session until a hello or TLS changes them, and a second one for
    /// transactions with SMTPUTF8, whose protocol has another name.
    /// </summary>
    public ClientFacts Client => _usesUtf8 ? _utf8Client ??= MakeFacts(usesUtf8: true) : _client ??= MakeFacts(usesUtf8: false);

    /// <summary>What ended the session where it ended with <see cref="SessionEndReason.Fault"/>, for the owner's log; else null.</summary>
    public Exception? Fault { get; internal set; }

    /// <summary>Something of the handler's own.</summary>
    public object? State { get; set; }

    /// <summary>
    /// Runs the dialogue to its end, once. The connection stays open; who owns it disposes it. The task fails only where the handler's
    /// <see cref="SmtpServerHandler.OnDisconnect"/> does.
    /// </summary>
    /// <param name="stopping">The server stops: a transaction that has begun may be finished, then the client is told 421.</param>
    public Task<SessionEndReason> RunAsync(CancellationToken stopping) => new DialogueLoop(this, _handler, stopping).RunAsync();

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
            return MayHold && Options.FutureRelease > TimeSpan.Zero ? offers | MailOffers.FutureRelease : offers;
        }
    }

    /// <summary>Takes over what the client calls itself; empty for "nothing yet".</summary>
    internal void SetHello(string name, bool isExtended)
    {
        HelloName = name;
        _isExtended = isExtended;
        _client = _utf8Client = null;
        _usesUtf8 = false;
        MayHold = false;
    }

    /// <summary>Notes whether the transaction uses SMTPUTF8.</summary>
    internal void SetUtf8(bool usesUtf8) => _usesUtf8 = usesUtf8;

    private ClientFacts MakeFacts(bool usesUtf8)
    {
        IPAddress? address = (_connection.RemoteEndPoint as IPEndPoint)?.Address;
        return new ClientFacts
        {
            Address = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address,
            HelloName = HelloName,
            Protocol = NameProtocol(usesUtf8),
            Tls = _connection.Tls,
            ServerName = Options.HostName,
        };
    }

    // The registered names of RFC 3848 and RFC 6531 section 4.3.
    private string NameProtocol(bool usesUtf8)
    {
        bool isSecure = _connection.Tls is not null;
        if (usesUtf8)
            return isSecure ? "UTF8SMTPS" : "UTF8SMTP";
        if (!_isExtended)
            return "SMTP";
        return isSecure ? "ESMTPS" : "ESMTP";
    }
}
