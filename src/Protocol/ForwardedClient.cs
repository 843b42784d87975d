using System.Net;

namespace SlimtaFast.Protocol;

/// <summary>
/// Where a trusted content filter says a message came from (XFORWARD); for logs, never for permission. Null is "not told" or "unknown".
/// Immutable.
/// </summary>
public sealed record ForwardedClient
{
    /// <summary>The client's host name.</summary>
    public string? Name { get; init; }

    /// <summary>The client's address.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The client's TCP port.</summary>
    public int? Port { get; init; }

    /// <summary>SMTP or ESMTP.</summary>
    public string? Protocol { get; init; }

    /// <summary>What the client called itself.</summary>
    public string? HelloName { get; init; }

    /// <summary>The message's name with the server that took it first, such as its queue id there.</summary>
    public string? Ident { get; init; }

    /// <summary>LOCAL for mail from the filter's own side, REMOTE for mail from outside.</summary>
    public string? Source { get; init; }
}
