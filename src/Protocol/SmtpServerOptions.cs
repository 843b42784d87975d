using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Protocol;

/// <summary>How a server session behaves. Immutable after start; one instance serves all sessions of a listener.</summary>
public sealed record SmtpServerOptions
{
    /// <summary>The name in the greeting and in replies. Default <c>localhost</c>.</summary>
    public string HostName { get; init; } = "localhost";

    /// <summary>True for LMTP (RFC 2033): LHLO in place of HELO and EHLO, and one reply for each recipient after the content. Default false.</summary>
    public bool Lmtp { get; init; }

    /// <summary>Largest message in octets, announced by SIZE; 0 for no limit. Default 52,428,800.</summary>
    public long MaxMessageSize { get; init; } = 52_428_800;

    /// <summary>Most recipients of one transaction; beyond it 452 4.5.3. Default 1,000.</summary>
    public int MaxRecipients { get; init; } = 1000;

    /// <summary>
    /// Messages that one session may bring, announced as MAILMAX (RFC 9422); the next MAIL is answered 421 4.5.3. 0 for no limit. Default 0.
    /// </summary>
    public int MaxMessagesPerSession { get; init; }

    /// <summary>
    /// Recipient domains of one transaction, announced as RCPTDOMAINMAX (RFC 9422); beyond it 452 4.5.3. 0 for no limit. Default 0.
    /// </summary>
    public int MaxDomainsPerMessage { get; init; }

    /// <summary>Whether these limits and <see cref="MaxRecipients"/> are announced by LIMITS (RFC 9422). Default true.</summary>
    public bool Limits { get; init; } = true;

    /// <summary>Whether BODY=BINARYMIME is offered (RFC 3030): contents of any octets, by BDAT only. Default true.</summary>
    public bool BinaryMime { get; init; } = true;

    /// <summary>Whether DELIVERBY is offered (RFC 2852): messages with a deadline. Default true.</summary>
    public bool DeliverBy { get; init; } = true;

    /// <summary>
    /// The shortest deadline with by-mode R that is taken, in whole seconds, announced behind DELIVERBY; a shorter one is answered 501 5.5.4.
    /// Default zero: any.
    /// </summary>
    public TimeSpan DeliverByLeast { get; init; }

    /// <summary>Whether MT-PRIORITY is offered (RFC 6710): messages that go before or after others. Default true.</summary>
    public bool MtPriority { get; init; } = true;

    /// <summary>
    /// The longest time for which a message is held, in whole seconds up to 999,999,999 (FUTURERELEASE, RFC 4865). It is offered only to
    /// sessions whose handler says so (<see cref="SmtpServerHandler.MayHold"/>). Default zero: not at all.
    /// </summary>
    public TimeSpan FutureRelease { get; init; }

    /// <summary>Longest command line in octets, its CRLF included; beyond it 500 5.5.2. Default 2,048.</summary>
    public int MaxCommandLine { get; init; } = 2048;

    /// <summary>
    /// Octets of one refused message or over-long line that are read and thrown away so that the client can be answered; beyond it the
    /// connection is closed. Default 104,857,600 (twice the default message size).
    /// </summary>
    public long MaxDiscard { get; init; } = 104_857_600;

    /// <summary>Protocol errors that a session may make; the next one is answered 421 4.7.0. Default 20.</summary>
    public int MaxErrors { get; init; } = 20;

    /// <summary>Commands without use (NOOP, RSET, VRFY, HELP, a further hello...) between two messages; the next one is answered 421 4.7.0. Default 100.</summary>
    public int MaxJunkCommands { get; init; } = 100;

    /// <summary>
    /// Commands and messages that the handler may refuse for good (5xx) in one session; the next one is answered 421 4.7.0, so that nobody tries out a
    /// dictionary of recipients. 0 for no limit. Default 100.
    /// </summary>
    public int MaxRefusals { get; init; } = 100;

    /// <summary>
    /// Commands of one connection, useful or not; the next one is answered 421 4.7.0. 0 for no limit. Default 0: the limits on errors,
    /// refusals and useless commands bound what brings no message nearer.
    /// </summary>
    public int MaxCommands { get; init; }

    /// <summary>What becomes of a CR or LF that is not part of CRLF. Default: refused.</summary>
    public BareLineEndPolicy BareLineEnds { get; init; } = BareLineEndPolicy.Reject;

    /// <summary>True to take contents with NUL octets, which are answered 550 5.6.0 otherwise. Default false.</summary>
    public bool AllowNul { get; init; }

    /// <summary>True to answer 550 5.6.0 to contents with lines of more than 998 octets; otherwise they are only marked. Default false.</summary>
    public bool RefuseLongLines { get; init; }

    /// <summary>
    /// True to close the session of a client that sends its message before 354 (RFC 2920 section 3.1 forbids it), because what it sent
    /// was composed without knowing our answers. Default true.
    /// </summary>
    public bool RefuseEarlyContent { get; init; } = true;

    /// <summary>
    /// True to close the session of a client that sends more before our reply where RFC 2920 section 3.1 makes it wait: behind EHLO, NOOP,
    /// VRFY and EXPN, and behind any command where PIPELINING was not announced to it. Otherwise that is only told to
    /// <see cref="SmtpServerHandler.OnEarlyInput"/>. Default false.
    /// </summary>
    public bool RefuseEarlyCommands { get; init; }

    /// <summary>
    /// True to close the session of a client that speaks before the greeting. It is also looked for, and told to
    /// <see cref="SmtpServerHandler.OnEarlyInput"/>, where the greeting had to wait for the handler. Default false.
    /// </summary>
    public bool RefuseEarlyTalkers { get; init; }
    /// <summary>How clients authenticate; null where they cannot, and AUTH is unknown. Default null.</summary>
    public SmtpAuthOptions? Auth { get; init; }
    /// <summary>The certificates and rules of TLS; with them STARTTLS is offered. Null (default) for no TLS.</summary>
    public TlsServerSettings? Tls { get; init; }

    /// <summary>True to answer MAIL with 530 5.7.0 while the connection is in clear. Default false.</summary>
    public bool RequireTls { get; init; }

    /// <summary>How long a TLS handshake may take. Default 1 minute.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the next command may take, from our last reply to its CRLF. Default 5 minutes (RFC 5321 section 4.5.3.2.7).</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long <see cref="DataBlockOctets"/> of content may take to arrive. Default 3 minutes (RFC 5321 section 4.5.3.2.5).</summary>
    public TimeSpan DataBlockTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Octets of content that buy the client another <see cref="DataBlockTimeout"/>, so that one octet a minute does not. Default 1,024.</summary>
    public int DataBlockOctets { get; init; } = 1024;

    /// <summary>How long a whole session may take; beyond it 421 4.4.2, in the middle of a message too. Zero for no limit. Default 1 day.</summary>
    public TimeSpan MaxSessionTime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Octets a second that a client must send, taken over <see cref="MinDataRateWindow"/> of waiting for it, while it sends a content;
    /// a command line that has begun must be complete within the window. Slower ones get 421 4.4.2. 0 for no limit. Default 100.
    /// </summary>
    public int MinDataRate { get; init; } = 100;

    /// <summary>
    /// Over which time <see cref="MinDataRate"/> is taken. Default 5 minutes, so that the pauses that RFC 5321 section 4.5.3.2 grants stay
    /// possible.
    /// </summary>
    public TimeSpan MinDataRateWindow { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a last reply (221, 421, 554) may take to leave. Default 10 seconds.</summary>
    public TimeSpan FarewellTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
