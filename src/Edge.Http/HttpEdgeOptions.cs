namespace SlimtaFast.Edge.Http;

/// <summary>
/// How an HTTP edge listens. What it lets in (networks, domains, users, hooks, sizes, numbers and rates) is the SMTP edge's matter, beside
/// which it stands. Immutable after start.
/// </summary>
public sealed record HttpEdgeOptions
{
    /// <summary>Where to listen. Default: nowhere.</summary>
    public IReadOnlyList<HttpEdgeListener> Listen { get; init; } = [];

    /// <summary>How long a connection may be idle between two requests. Default 2 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long the head of a request may take. Default 30 seconds.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Octets of the head of a request; beyond it 431. 1,000 recipients of 60 characters take 110,000. Default 131,072.</summary>
    public int MaxHeaderOctets { get; init; } = 128 * 1024;

    /// <summary>Octets a second that a client must send while it sends a message, after <see cref="DataRateGrace"/>; slower ones are cut. 0 for no limit. Default 100.</summary>
    public int MinDataRate { get; init; } = 100;

    /// <summary>How long a client may be slower than <see cref="MinDataRate"/>; more than 1 second. Default 30 seconds.</summary>
    public TimeSpan DataRateGrace { get; init; } = TimeSpan.FromSeconds(30);
}
