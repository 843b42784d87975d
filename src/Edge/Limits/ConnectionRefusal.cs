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

    /// <summary>The edge is stopping.</summary>
    Stopping,
}
