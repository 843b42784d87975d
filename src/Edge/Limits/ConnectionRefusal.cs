namespace SlimtaFast.Edge.Limits;

/// <summary>Why a connection was turned away before its session began.</summary>
internal enum ConnectionRefusal
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>The limit for all connections is reached.</summary>
    TooMany,

    /// <summary>The limit for one client address is reached.</summary>
    TooManyFromAddress,

    /// <summary>A proxy that must send a header of the PROXY protocol sent something else, or nothing in time.</summary>
    ProxyHeaderMissing,

    /// <summary>A proxy's header is malformed.</summary>
    ProxyHeaderMalformed,

    /// <summary>A proxy began a header and did not end it in time.</summary>
    ProxyHeaderIncomplete,

    /// <summary>The edge is stopping.</summary>
    Stopping,
}
