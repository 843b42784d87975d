using System.Net;
using System.Net.Sockets;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Portable;

/// <summary>A listening framework socket; accepted connections go to the reactors in turn.</summary>
internal sealed class SocketListener : IListener
{
    private static readonly TimeSpan BackOff = TimeSpan.FromMilliseconds(100);

    private readonly SocketTransport _transport;
    private readonly SessionSet _sessions;
    private readonly Socket _socket;
    private readonly string? _path;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private int _stopped;

    public SocketListener(SocketTransport transport, EndPoint endPoint, UnixFileMode? socketMode, SessionSet sessions)
    {
        _transport = transport;
        _sessions = sessions;
        _path = UnixSocketFile.GetPath(endPoint);
        _socket = Open(endPoint, _path is null ? null : socketMode, transport.Options);
        LocalEndPoint = _socket.LocalEndPoint ?? endPoint;
        _accepting = Task.Run(AcceptAsync);
    }

    public EndPoint LocalEndPoint { get; }

    public void StopAccepting()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            _stopping.Cancel();
            _socket.Dispose();
            if (_path is not null && UnixSocketFile.Remove(_path) is { } failure)
            {
                _transport.Options.UnobservedFault?.Invoke(failure);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        StopAccepting();
        await _accepting.ConfigureAwait(false);
        await _sessions.Ended.ConfigureAwait(false);
        _stopping.Dispose();
        _transport.Forget(this);
    }

    private static Socket Open(EndPoint endPoint, UnixFileMode? socketMode, TransportOptions options)
    {
        Socket socket = SocketTransport.CreateSocket(endPoint);
        try
        {
            if (endPoint is IPEndPoint)
            {
                // On Windows the option would let another process take over the port; there it is not needed either.
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, !OperatingSystem.IsWindows());
            }

            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = options.DualMode;
            }

            Bind(socket, endPoint);
            if (socketMode is { } mode && !UnixSocketFile.TrySetMode(endPoint, mode))
            {
                throw new SocketException((int)SocketError.AccessDenied);
            }

            socket.Listen(options.Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Bind(Socket socket, EndPoint endPoint)
    {
        try
        {
            socket.Bind(endPoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse && UnixSocketFile.RemoveStale(endPoint))
        {
            socket.Bind(endPoint);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                Accepted(socket);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                break;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                TransportMetrics.AcceptPauses.Add(1);
                _transport.Options.UnobservedFault?.Invoke(exception);
                await PauseAsync().ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // The connection died between its arrival and the call, which is no trouble of the listener.
            }
        }

        _sessions.Stop();
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(BackOff, _transport.Time, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }

    private void Accepted(Socket socket)
    {
        EndPoint? local;
        EndPoint? remote;
        try
        {
            socket.Blocking = false;
            if (socket.AddressFamily != AddressFamily.Unix)
            {
                socket.NoDelay = true;
            }

            local = socket.LocalEndPoint;
            remote = socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            // Gone already.
            socket.Dispose();
            return;
        }

        SignalReactor reactor = _transport.NextReactor();
        reactor.AddConnection();
        _sessions.Enter();
        reactor.Post(state => _sessions.Start(SocketConnection.Create(reactor, (Socket)state!, local, remote)), socket);
    }
}
