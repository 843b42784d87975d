using System.Net;
using System.Net.Sockets;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Portable;

/// <summary>The transport over the framework's sockets: for systems without epoll. Slower, with the same behaviour.</summary>
internal sealed class SocketTransport(TransportOptions options, TimeProvider time) : ReactorTransport(options, time)
{
    private int _turn;

    /// <summary>A stream socket for an end point.</summary>
    public static Socket CreateSocket(EndPoint endPoint) =>
        endPoint.AddressFamily == AddressFamily.Unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public SignalReactor NextReactor() => (SignalReactor)Reactors[(int)((uint)Interlocked.Increment(ref _turn) % (uint)Reactors.Count)];

    protected override Reactor CreateReactor(string name, CoarseClock clock) => new SignalReactor(name, clock, Options.UnobservedFault);

    protected override IListener OpenListener(EndPoint endPoint, UnixFileMode? socketMode, SessionSet sessions) => new SocketListener(this, endPoint, socketMode, sessions);

    protected override async Task<Connection> ConnectAsync(Reactor reactor, EndPoint remote, EndPoint? local, CancellationToken cancellationToken)
    {
        Socket socket = CreateSocket(remote);
        try
        {
            if (local is not null)
            {
                socket.Bind(local);
            }

            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            socket.Blocking = false;
            EndPoint? own = socket.LocalEndPoint;
            reactor.AddConnection();
            var created = new TaskCompletionSource<Connection>(TaskCreationOptions.RunContinuationsAsynchronously);
            reactor.Post(state => created.SetResult(SocketConnection.Create((SignalReactor)reactor, (Socket)state!, own, remote)), socket);
            return await created.Task.ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
