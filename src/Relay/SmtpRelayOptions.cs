using SlimtaFast.Protocol;

namespace SlimtaFast.Relay;

/// <summary>How a relay speaks SMTP to its next hops. Immutable.</summary>
public sealed record SmtpRelayOptions
{
    /// <summary>Our name, timeouts, and what of the extensions is used.</summary>
    public SmtpClientOptions Client { get; init; } = new();

    /// <summary>How long a connection may take to come about, for each address. Default 30 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an idle connection is kept for the next message; zero closes it after each. Default 10 seconds.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages after which a connection is closed with QUIT. Default 1,000.</summary>
    public int MaxMessagesPerConnection { get; init; } = 1000;

    /// <summary>Addresses that one attempt tries at most, passing over twice as many hosts without any. Default 5.</summary>
    public int MaxAddresses { get; init; } = 5;

    /// <summary>How long an address that could not be reached is passed over while there is another. Default 1 minute.</summary>
    public TimeSpan DeadTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long an address with which TLS failed is spoken to in clear where TLS is opportunistic; then it is tried again. Default 1 hour.
    /// </summary>
    public TimeSpan BrokenTlsTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Source addresses of connections, which take turns by their weights. To a destination of a family of which there is none, the system chooses.
    /// Default: none.
    /// </summary>
    public IReadOnlyList<SourceAddress> SourceAddresses { get; init; } = [];

    /// <summary>Which of a host's addresses are tried, and which first. Default: IPv4 first, in turns with IPv6.</summary>
    public AddressPreference Addresses { get; init; }

    /// <summary>
    /// The version in which a header of the PROXY protocol is sent first on each connection, for next hops that stand as if behind a proxy;
    /// it tells the connection's own addresses. Null for none. Default null.
    /// </summary>
    public ProxyVersion? ProxyProtocol { get; init; }

    /// <summary>
    /// Largest message in octets that is converted for a next hop without 8BITMIME; it is held in memory meanwhile. A larger one
    /// bounces. Default 33,554,432.
    /// </summary>
    public long MaxConversion { get; init; } = 33_554_432;

    /// <summary>
    /// Octets of messages that all deliveries of the relay together convert, or hold converted, at once; what would go beyond is tried again
    /// later. A message larger than this is converted while no other is. It counts the messages as they came, of which converting takes
    /// several times the memory. At least 1. Default 67,108,864.
    /// </summary>
    public long ConversionBudget { get; init; } = 67_108_864;
}
