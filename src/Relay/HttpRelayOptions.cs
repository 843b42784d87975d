using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Relay;

/// <summary>How a relay speaks HTTP to its next hop. Immutable.</summary>
public sealed record HttpRelayOptions
{
    /// <summary>What we call ourselves in <c>X-Ehlo</c>. Default <c>localhost</c>.</summary>
    public string HelloName { get; init; } = "localhost";

    /// <summary>
    /// With what we authenticate: a password goes as HTTP Basic (RFC 7617), a token as Bearer (RFC 6750). Over <c>http:</c> only where they
    /// allow it. Null for none. Default null.
    /// </summary>
    public SmtpCredentials? Credentials { get; init; }

    /// <summary>
    /// How <c>https:</c> checks the server, and our own certificate. Default: the certificate must name the host and come from somebody whom
    /// the system trusts.
    /// </summary>
    public TlsClientSettings Tls { get; init; } = new() { Verify = true };

    /// <summary>How long a connection may take to come about, its TLS handshake included. Default 30 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one request may take from its beginning to the head of its answer, connecting included. Default 10 minutes.</summary>
    public TimeSpan ExchangeTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an idle connection is kept for the next message; zero closes it after each. Default 10 seconds.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most connections at once; what is more waits within its <see cref="ExchangeTimeout"/>. Default 100.</summary>
    public int MaxConnections { get; init; } = 100;

    /// <summary>
    /// Most recipients in one request; a message for more goes in several requests. So it does where their addresses would make a header field
    /// of more than 7,000 octets, which common servers do not take. Default 100.
    /// </summary>
    public int MaxRecipients { get; init; } = 100;

    /// <summary>
    /// Octets from which on a message is announced with <c>Expect: 100-continue</c>, so that a refusal saves sending it. Default 1,048,576.
    /// </summary>
    public long ExpectContinueFrom { get; init; } = 1024 * 1024;

    /// <summary>Which of the host's addresses are tried, and which first. Default: IPv4 first, in turns with IPv6.</summary>
    public AddressPreference Addresses { get; init; }

    /// <summary>
    /// The source addresses of connections, which take turns by weight; to a destination of a family of which there is none, the system chooses.
    /// Their names in the hello are not used: a request names us, whatever connection it goes over. Default none.
    /// </summary>
    public IReadOnlyList<SourceAddress> SourceAddresses { get; init; } = [];
}
