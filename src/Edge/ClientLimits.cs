using System.Net;

namespace SlimtaFast.Edge;

/// <summary>What one client may do. IPv6 clients are taken together by prefix, because one customer has a whole network. Immutable.</summary>
public sealed record ClientLimits
{
    /// <summary>
    /// Client networks to which the limits here and those on a session's numbers, time and rate do not apply. Default: none. It does not
    /// let anybody relay.
    /// </summary>
    public IReadOnlyList<IPNetwork> Exempt { get; init; } = [];

    /// <summary>Leading bits of an IPv4 address that make a client, 1 to 32. Default 32.</summary>
    public int IPv4Prefix { get; init; } = 32;

    /// <summary>Leading bits of an IPv6 address that make a client, 1 to 128. Default 64.</summary>
    public int IPv6Prefix { get; init; } = 64;

    /// <summary>Connections of one client in a minute; one more gets 421 4.7.0. As many may come at once. 0 for no limit. Default 0.</summary>
    public int ConnectionsPerMinute { get; init; }

    /// <summary>Messages of one client in a minute; one more MAIL gets 450 4.7.1. As many may come at once. 0 for no limit. Default 0.</summary>
    public int MessagesPerMinute { get; init; }

    /// <summary>Recipients of one client in an hour; one more RCPT gets 450 4.7.1. As many may come at once. 0 for no limit. Default 0.</summary>
    public int RecipientsPerHour { get; init; }

    /// <summary>Clients whose rates are remembered; beyond it the one that was seen longest ago is forgotten. Default 100,000 (about 22 MB).</summary>
    public int MaxRemembered { get; init; } = 100_000;
}
