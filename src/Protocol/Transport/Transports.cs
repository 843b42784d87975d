using SlimtaFast.Protocol.Transport.Linux;
using SlimtaFast.Protocol.Transport.Portable;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport;

/// <summary>Makes transports. Thread-safe.</summary>
public static class Transports
{
    /// <summary>True where <see cref="TransportKind.Reactor"/> works.</summary>
    public static bool HasReactor => EpollTransport.IsSupported;

    /// <summary>Starts a transport: its threads run until it is disposed.</summary>
    /// <param name="options">How it works.</param>
    /// <param name="time">The clock of deadlines.</param>
    /// <exception cref="PlatformNotSupportedException">The reactor was asked for where there is none.</exception>
    public static ITransport Create(TransportOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Reactors, 1);
        bool reactor = options.Kind == TransportKind.Reactor || (options.Kind == TransportKind.Fastest && HasReactor);
        if (reactor && !HasReactor)
        {
            throw new PlatformNotSupportedException("The epoll transport runs on Linux on x64 and arm64 only.");
        }

        ReactorTransport transport = reactor ? new EpollTransport(options, time) : new SocketTransport(options, time);
        transport.Start();
        return transport;
    }
}
