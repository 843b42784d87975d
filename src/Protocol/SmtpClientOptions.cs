namespace SlimtaFast.Protocol;

/// <summary>How a client session behaves. Immutable; one instance serves any number of sessions.</summary>
public sealed record SmtpClientOptions
{
    /// <summary>Our name in EHLO, HELO and LHLO. Default <c>localhost</c>.</summary>
    public string HelloName { get; init; } = "localhost";

    /// <summary>True for LMTP (RFC 2033): LHLO, and a reply for each recipient after the content. Default false.</summary>
    public bool Lmtp { get; init; }

    /// <summary>How TLS is used. Default: where the server offers it.</summary>
    public SmtpClientTls Tls { get; init; } = new();

    /// <summary>Whether commands are sent in one burst where the server offers PIPELINING (RFC 2920). Default true.</summary>
    public bool Pipelining { get; init; } = true;

    /// <summary>Whether BDAT carries the content where the server offers CHUNKING (RFC 3030). Default true.</summary>
    public bool Chunking { get; init; } = true;

    /// <summary>
    /// Octets up to which a message leaves together with its commands in one write, where the server offers PIPELINING and CHUNKING.
    /// A larger one waits until a recipient is accepted. Default 65,536.
    /// </summary>
    public int GatherLimit { get; init; } = 65_536;

    /// <summary>With what each session authenticates; null for not at all. Default null.</summary>
    public SmtpCredentials? Credentials { get; init; }

    /// <summary>How long to wait for the greeting. Default 5 minutes (this and the following: RFC 5321 section 4.5.3.2).</summary>
    public TimeSpan GreetingTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long to wait for the answer to EHLO, HELO, LHLO or a line of AUTH. Default 5 minutes.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long to wait for the answer to MAIL or RSET. Default 5 minutes.</summary>
    public TimeSpan MailTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long to wait for the answer to a RCPT. Default 5 minutes.</summary>
    public TimeSpan RecipientTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long to wait for the answer to DATA. Default 2 minutes.</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one block of the content may take to leave. Default 3 minutes.</summary>
    public TimeSpan BlockTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long to wait for the answer to the content. Shorter than the server takes means duplicates. Default 10 minutes.</summary>
    public TimeSpan FinalTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long to wait for the answer to QUIT, which decides nothing. Default 5 seconds.</summary>
    public TimeSpan QuitTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
