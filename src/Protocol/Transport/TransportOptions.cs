namespace SlimtaFast.Protocol.Transport;

/// <summary>How a transport works. Immutable; give one to <see cref="Transports.Create"/>.</summary>
public sealed record TransportOptions
{
    /// <summary>Which implementation to use. Default: the fastest that the system has.</summary>
    public TransportKind Kind { get; init; } = TransportKind.Fastest;

    /// <summary>Number of reactor threads, at least 1. Default: the processors that this process may use.</summary>
    public int Reactors { get; init; } = Environment.ProcessorCount;

    /// <summary>Connections that the system keeps waiting to be accepted, per listening socket. Default 4096.</summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>True to accept IPv4 too on a socket that listens on an IPv6 address. Default false.</summary>
    public bool DualMode { get; init; }

    /// <summary>
    /// File descriptors that connections leave to the rest of the process, at most a quarter of what it may open: with none left a
    /// server could neither write a queue file nor load a library. While no others are free, new connections wait in the backlog.
    /// Default 256. Only the reactor keeps it.
    /// </summary>
    public int ReservedDescriptors { get; init; } = 256;

    /// <summary>
    /// Called with what a session's task failed with, with what code posted to a reactor threw, and with what kept a listener from
    /// accepting; on a reactor thread, so it must be quick. Without it the faults of sessions end with the session, and a throwing
    /// posted callback ends the process, as it would on the thread pool.
    /// </summary>
    public Action<Exception>? UnobservedFault { get; init; }
}
