using System.Net;

namespace SlimtaFast.Relay;

/// <summary>How a relay finds and treats the mail exchangers of domains. Immutable.</summary>
public sealed record MxRelayOptions
{
    /// <summary>How to speak SMTP.</summary>
    public SmtpRelayOptions Smtp { get; init; } = new();

    /// <summary>TCP port of mail exchangers. Default 25.</summary>
    public int Port { get; init; } = 25;

    /// <summary>
    /// Addresses under which this server itself takes mail. An exchanger with one of them, and all less preferred ones, are left out,
    /// so that mail never loops back (RFC 5321 section 5.1). Default none.
    /// </summary>
    public IReadOnlyCollection<IPAddress> OwnAddresses { get; init; } = [];

    /// <summary>Whether loopback and unspecified addresses count as our own. Default true.</summary>
    public bool RefuseLoopback { get; init; } = true;

    /// <summary>
    /// Networks in which no exchanger is connected to: an exchanger's addresses there are left out as if it had not got them, so that nobody's
    /// domain makes this server speak to hosts that are not meant for it. Default none; <see cref="PrivateNetworks"/> has the usual ones.
    /// </summary>
    public IReadOnlyCollection<IPNetwork> RefuseNetworks { get; init; } = [];

    /// <summary>The networks that are nobody's in the internet: RFC 1918, RFC 3927, RFC 6598, and RFC 4193 and the link-local ones of IPv6.</summary>
    public static IReadOnlyCollection<IPNetwork> PrivateNetworks { get; } =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];
}
