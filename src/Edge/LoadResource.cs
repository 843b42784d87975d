namespace SlimtaFast.Edge;

/// <summary>What a server can run short of.</summary>
public enum LoadResource
{
    /// <summary>Memory: new connections get 421 4.3.2, and MAIL gets 452 4.3.1.</summary>
    Memory,

    /// <summary>Disk space: MAIL gets 452 4.3.1.</summary>
    Disk,

    /// <summary>Room in the queue: MAIL gets 452 4.3.1.</summary>
    Queue,
}
