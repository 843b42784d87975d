using System.Net;
using SlimtaFast.MailAuth;

namespace SlimtaFast.Edge;

/// <summary>What an <see cref="SpfCheck"/> does. Immutable.</summary>
public sealed record SpfCheckOptions
{
    /// <summary>This server's name, which the fields that it adds bear: the authserv-id of RFC 8601 and the receiver of RFC 7208.</summary>
    public required string ServerId { get; init; }

    /// <summary>When the client hears the answer. Default at MAIL.</summary>
    public SpfStage Stage { get; init; }

    /// <summary>What is done for each result; nothing for one that is not there. Default: nothing for any.</summary>
    public IReadOnlyDictionary<MailAuthResult, SpfAction> Actions { get; init; } = new Dictionary<MailAuthResult, SpfAction>();

    /// <summary>
    /// True to look at the client's hello too, as RFC 7208 section 2.3 recommends: where it fails that is the result, whatever the sender's
    /// domain says. Default true.
    /// </summary>
    public bool ChecksHello { get; init; } = true;

    /// <summary>Clients that are not checked. Default: none but those that may relay or are exempt from limits.</summary>
    public IReadOnlyList<IPNetwork> AllowNetworks { get; init; } = [];

    /// <summary>
    /// Senders that are not checked: addresses, domains, or <c>.example.org</c> for all names below one, compared without regard to case.
    /// Anybody can claim to be them. Default: none.
    /// </summary>
    public IReadOnlyList<string> AllowSenders { get; init; } = [];

    /// <summary>Whether messages get a Received-SPF field for each identity. Default true.</summary>
    public bool AddsReceivedSpf { get; init; } = true;

    /// <summary>Whether messages get an Authentication-Results field. Default true.</summary>
    public bool AddsAuthenticationResults { get; init; } = true;

    /// <summary>How long a client that is greylisted has to wait before it is taken. Default 5 minutes.</summary>
    public TimeSpan GreylistDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Within which time it has to come back. Default 2 days.</summary>
    public TimeSpan GreylistWindow { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How long one that came back is welcome, from its last message on. Default 35 days.</summary>
    public TimeSpan GreylistLife { get; init; } = TimeSpan.FromDays(35);

    /// <summary>Pairs of client network (IPv4 /24, IPv6 /64) and sender that greylisting remembers; the one seen longest ago goes first. Default 100,000.</summary>
    public int MaxGreylisted { get; init; } = 100_000;
}
