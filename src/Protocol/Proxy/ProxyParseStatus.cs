namespace SlimtaFast.Protocol.Proxy;

/// <summary>What <see cref="ProxyHeaderParser"/> found.</summary>
internal enum ProxyParseStatus : byte
{
    /// <summary>A whole header.</summary>
    Done,

    /// <summary>What could become one.</summary>
    NeedMore,

    /// <summary>Something else.</summary>
    NotProxy,

    /// <summary>What starts as a header and is none.</summary>
    Malformed,
}
