using System.Net;
using System.Runtime.InteropServices;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>The transport over epoll.</summary>
internal sealed class EpollTransport(TransportOptions options, TimeProvider time) : ReactorTransport(options, time)
{
    /// <summary>True where its structures have the layout that it expects.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>A socket's own address.</summary>
    public static EndPoint? GetLocalEndPoint(int descriptor)
    {
        Span<byte> address = stackalloc byte[NativeAddress.MaxLength];
        return Libc.GetLocalName(descriptor, address, out int length) < 0 ? null : NativeAddress.Read(address[..length]);
    }

    protected override Reactor CreateReactor(string name, CoarseClock clock) => new EpollReactor(name, clock, Options.UnobservedFault);

    protected override IListener OpenListener(EndPoint endPoint, UnixFileMode? socketMode, SessionSet sessions) => new EpollListener(this, endPoint, socketMode, sessions);

    protected override Task<Connection> ConnectAsync(Reactor reactor, EndPoint remote, EndPoint? local, CancellationToken cancellationToken) =>
        new EpollConnect((EpollReactor)reactor, remote, local).StartAsync(cancellationToken);
}
