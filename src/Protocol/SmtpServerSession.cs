using System.Net;
using SlimtaFast.Mail;
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
    public SmtpServerSession(Connection connection, SmtpServerHandler handler, SmtpServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(options);
        _connection = connection;
        _handler = handler;
        Options = options;
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
    /// <see cref="SmtpServerOptions.MaxMessages"/>, <see cref="SmtpServerOptions.MaxRefusals"/>,
    /// <see cref="SmtpServerOptions.MaxSessionTime"/> and <see cref="SmtpServerOptions.MinDataRate"/>. The handler sets it when the client
    /// connects. Default false.
    /// </summary>
    public bool IsExempt { get; set; }

    /// <summary>True where the handler wants the connection to end.</summary>
    internal bool IsDropped { get; private set; }

    /// <summary>What was configured.</summary>
    public SmtpServerOptions Options { get; }

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

    /// <summary>
    /// Called by the handler while it is asked: the connection ends without an answer to what it was asked about. Earlier answers that
    /// wait to be sent still leave.
    /// </summary>
    public void Drop() => IsDropped = true;

    /// <summary>Takes over what the client calls itself; empty for "nothing yet".</summary>
    internal void SetHello(string name, bool isExtended)
    {
        HelloName = name;
        _isExtended = isExtended;
        _client = _utf8Client = null;
        _usesUtf8 = false;
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
            HostName = HostName,
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
