namespace SlimtaFast.Relay.Smtp;

/// <summary>What to connect to: a host by name or by address, or a Unix-domain socket. Immutable.</summary>
/// <param name="Host">A host name, an IP address as text, or the path of a socket.</param>
/// <param name="Port">TCP port; 0 for a socket.</param>
/// <param name="IsSocket">True for a Unix-domain socket.</param>
internal readonly record struct Target(string Host, int Port, bool IsSocket = false)
{
    /// <summary>As in a URI; an IPv6 address stands in square brackets.</summary>
    public override string ToString() => IsSocket ? $"unix:{Host}" : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
