namespace SlimtaFast.Relay.Smtp;

/// <summary>A host to connect to, by name or by address. Immutable.</summary>
/// <param name="Host">A host name, or an IP address as text.</param>
/// <param name="Port">TCP port.</param>
internal readonly record struct Target(string Host, int Port)
{
    /// <summary>As in a URI; an IPv6 address stands in square brackets.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
