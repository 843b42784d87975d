using System.Net;

namespace SlimtaFast.Edge;

/// <summary>What a client may call itself. Immutable.</summary>
public sealed record HelloCheckOptions
{
    /// <summary>
    /// True to refuse what is neither a host name with a dot in it nor the client's own address in brackets (RFC 5321 section 4.1.3).
    /// Default true.
    /// </summary>
    public bool RequireName { get; init; } = true;

    /// <summary>Names of this server and its domains, which no stranger has. Default: none.</summary>
    public IReadOnlyList<string> OwnNames { get; init; } = [];

    /// <summary>Addresses of this server, which no stranger has. Default: none.</summary>
    public IReadOnlyList<IPAddress> OwnAddresses { get; init; } = [];

    /// <summary>True to refuse names that have neither an address nor an exchanger; what cannot be found out is not refused. Default false.</summary>
    public bool RequireResolvable { get; init; }

    /// <summary>How long a look-up may take. Default 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}
