namespace SlimtaFast.Protocol.Transport;

/// <summary>The implementations of <see cref="ITransport"/>.</summary>
public enum TransportKind
{
    /// <summary><see cref="Reactor"/> where the system has it, else <see cref="Sockets"/>.</summary>
    Fastest,

    /// <summary>Linux epoll with direct system calls; x64 and arm64.</summary>
    Reactor,

    /// <summary>.NET's sockets; any system.</summary>
    Sockets,
}
