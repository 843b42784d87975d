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
}
