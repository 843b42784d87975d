namespace SlimtaFast.Dns;

/// <summary>The answer to one question. Immutable.</summary>
/// <typeparam name="T">The record's type.</typeparam>
/// <param name="Status">Found, absent, or unknown.</param>
/// <param name="Records">The records, in the server's order; empty unless found.</param>
/// <param name="TimeToLive">How long the answer may be kept.</param>
/// <param name="IsAuthentic">True where the resolver vouches for DNSSEC (the AD bit).</param>
/// <param name="Problem">Why it is unknown, for people; null otherwise.</param>
public sealed record DnsAnswer<T>(DnsStatus Status, IReadOnlyList<T> Records, TimeSpan TimeToLive, bool IsAuthentic = false, string? Problem = null)
{
    /// <summary>When its life is over, by the clock of the resolver that keeps it; null where it is not kept.</summary>
    public DateTimeOffset? Until { get; init; }
}
