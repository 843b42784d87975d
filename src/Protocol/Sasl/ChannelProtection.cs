namespace SlimtaFast.Protocol.Sasl;

/// <summary>How well a connection guards what is said on it.</summary>
internal enum ChannelProtection : byte
{
    /// <summary>Not at all.</summary>
    Clear,

    /// <summary>By TLS.</summary>
    Encrypted,

    /// <summary>By TLS that authentication can be bound to (RFC 5929).</summary>
    Bound,
}
