namespace SlimtaFast.Protocol.Transport.Pipes;

/// <summary>Why reads and flushes of a connection fail.</summary>
internal enum ConnectionFault : byte
{
    /// <summary>They do not.</summary>
    None,

    /// <summary>The deadline passed; setting another lifts it.</summary>
    TimedOut,

    /// <summary>The socket reported an error.</summary>
    SocketError,

    /// <summary>We aborted the connection.</summary>
    Aborted,

    /// <summary>We closed the connection.</summary>
    Disposed,
}
