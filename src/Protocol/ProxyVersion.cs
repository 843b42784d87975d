namespace SlimtaFast.Protocol;

/// <summary>The versions of the PROXY protocol.</summary>
public enum ProxyVersion
{
    /// <summary>A line of text, addresses only.</summary>
    V1 = 1,

    /// <summary>Binary, with further facts of the connection.</summary>
    V2 = 2,
}
