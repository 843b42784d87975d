namespace SlimtaFast.Edge;

/// <summary>What an edge expects of connections from its proxies.</summary>
public enum ProxyProtocolUse
{
    /// <summary>No header: whoever sends one is sent away.</summary>
    Off,

    /// <summary>
    /// A header of either version, or none: then the proxy is itself the client, greeted after the time for the header is over or as soon
    /// as it sends something else.
    /// </summary>
    Optional,

    /// <summary>A header of either version; a connection without one is closed.</summary>
    Required,
}
