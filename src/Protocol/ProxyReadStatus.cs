namespace SlimtaFast.Protocol;

/// <summary>What stood at the start of a connection where a PROXY header may stand.</summary>
public enum ProxyReadStatus
{
    /// <summary>A header.</summary>
    Header,

    /// <summary>Something else; nothing of it was consumed.</summary>
    Other,

    /// <summary>The start of a header that is none: not as the protocol says, longer than it may be, or with a wrong checksum.</summary>
    Malformed,

    /// <summary>Nothing at all until the deadline.</summary>
    Silence,

    /// <summary>A part of a header until the deadline, or until the peer closed.</summary>
    Incomplete,

    /// <summary>The peer closed, or the connection broke, before anything came.</summary>
    Closed,
}
