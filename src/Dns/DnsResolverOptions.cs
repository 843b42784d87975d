using System.Net;

namespace SlimtaFast.Dns;

/// <summary>How names are looked up. Immutable.</summary>
public sealed record DnsResolverOptions
{
    /// <summary>
    /// The recursive servers to ask, in order; null takes the system's. Their AD bit is believed, so where DNSSEC matters they must be
    /// validating ones behind a trusted path, best on this host.
    /// </summary>
    public IReadOnlyList<IPEndPoint>? Servers { get; init; }

    /// <summary>How long one server may take for one question. Default 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a question is repeated when there was no answer. Default 1.</summary>
    public int Retries { get; init; } = 1;

    /// <summary>Answers kept of each record type. Default 10,000.</summary>
    public int MaxCacheEntries { get; init; } = 10_000;

    /// <summary>Longest time for which an answer is kept, whatever its TTL. Default 1 day.</summary>
    public TimeSpan MaxTimeToLive { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Longest time for which it is remembered that there is no such name or record (RFC 2308). Default 15 minutes.</summary>
    public TimeSpan MaxNegativeTimeToLive { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long it is remembered that something could not be found out. Default 5 seconds.</summary>
    public TimeSpan FailureTimeToLive { get; init; } = TimeSpan.FromSeconds(5);
}
