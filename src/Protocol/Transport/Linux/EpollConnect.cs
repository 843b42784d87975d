using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>One attempt to connect. Its socket lives on the reactor thread from the start.</summary>
internal sealed class EpollConnect(EpollReactor reactor, EndPoint remote, EndPoint? local) : IEpollTarget
{
    private readonly TaskCompletionSource<Connection> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _cancellationToken;
    private int _descriptor = -1;

    /// <summary>Starts; the task ends with the connection, a <see cref="SocketException"/> or <see cref="OperationCanceledException"/>.</summary>
    public async Task<Connection> StartAsync(CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        if (reactor.IsCurrent)
        {
            Begin();
        }
        else
        {
            reactor.Post(static state => ((EpollConnect)state!).Begin(), this);
        }

        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((EpollConnect)state!).PostCancel(), this);
        return await _result.Task;
    }

    public void OnEvents(EpollReactor owner, uint events)
    {
        int error = Libc.GetError(_descriptor);
        if (error != 0)
        {
            Fail(error);
            return;
        }

        if ((events & EpollEvents.Out) != 0)
        {
            owner.Unregister(_descriptor);
            Succeed();
        }
    }

    public void OnReactorEnd() => Fail(Errno.ConnectionRefused);

    private void PostCancel() => reactor.Post(static state => ((EpollConnect)state!).Cancel(), this);

    private void Cancel()
    {
        if (_result.TrySetCanceled(_cancellationToken))
        {
            Close();
        }
    }

    private void Begin()
    {
        try
        {
            int result = Open();
            if (result < 0)
            {
                Fail(-result);
            }
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException or SocketException)
        {
            Close();
            _result.TrySetException(exception);
        }
    }

    private int Open()
    {
        int family = NativeAddress.GetFamily(remote);
        _descriptor = Libc.Socket(family);
        if (_descriptor < 0)
        {
            return _descriptor;
        }

        Span<byte> address = stackalloc byte[NativeAddress.MaxLength];
        if (family != NativeAddress.Unix)
        {
            Libc.SetOption(_descriptor, SocketOptions.TcpLevel, SocketOptions.NoDelay, 1);
        }

        int result;
        if (local is not null)
        {
            // A source address must not use up its ports here: the port is chosen at connect, where it may serve many targets.
            Libc.SetOption(_descriptor, SocketOptions.IpLevel, SocketOptions.BindAddressNoPort, 1);
            int localLength = NativeAddress.Write(local, address);
            result = Libc.Bind(_descriptor, address[..localLength]);
            if (result < 0)
            {
                return result;
            }
        }

        int length = NativeAddress.Write(remote, address);
        result = Libc.Connect(_descriptor, address[..length]);
        if (result == -Errno.InProgress)
        {
            return reactor.Register(_descriptor, EpollEvents.Out | EpollEvents.EdgeTriggered, this);
        }

        if (result >= 0)
        {
            Succeed();
        }

        return result;
    }

    private void Succeed()
    {
        int descriptor = _descriptor;
        EndPoint? localEndPoint = EpollTransport.GetLocalEndPoint(descriptor);
        _descriptor = -1;
        reactor.AddConnection();
        EpollConnection? connection = EpollConnection.Create(reactor, descriptor, localEndPoint, remote);
        if (connection is null)
        {
            Fail(Errno.NoBuffers);
        }
        else if (!_result.TrySetResult(connection))
        {
            connection.Abort();
        }
    }

    private void Fail(int error)
    {
        Close();
        _result.TrySetException(new SocketException((int)Errno.ToSocketError(error)));
    }

    private void Close()
    {
        if (_descriptor >= 0)
        {
            reactor.Forget(_descriptor);
            Libc.Close(_descriptor);
            _descriptor = -1;
        }
    }
}
