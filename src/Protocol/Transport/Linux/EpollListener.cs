using System.Net;
using System.Net.Sockets;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>
/// A listening socket in the epoll sets of all reactors: whoever is free accepts. Closed when the last reactor has let go of it.
/// </summary>
internal sealed class EpollListener : IListener, IEpollTarget
{
    /// <summary>Connections accepted in one turn, so that a flood of them does not starve those that exist.</summary>
    private const int MaxAccepts = 64;

    private static readonly TimeSpan BackOff = TimeSpan.FromMilliseconds(100);

    private readonly EpollTransport _transport;
    private readonly SessionSet _sessions;
    private readonly int _descriptor;
    private readonly string? _path;
    private readonly EndPoint? _sharedLocal;
    private readonly bool _tcp;
    private readonly int _firstReserved;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _holders;
    private int _stopped;

    public EpollListener(EpollTransport transport, EndPoint endPoint, UnixFileMode? socketMode, SessionSet sessions)
    {
        _transport = transport;
        _sessions = sessions;
        _tcp = endPoint is IPEndPoint;
        int limit = Libc.GetDescriptorLimit();
        _firstReserved = limit - Math.Min(transport.Options.ReservedDescriptors, limit / 4);
        _path = UnixSocketFile.GetPath(endPoint);
        _descriptor = Open(endPoint, _path is null ? null : socketMode, transport.Options);
        LocalEndPoint = EpollTransport.GetLocalEndPoint(_descriptor) ?? endPoint;

        // A socket bound to one address gives it to all its connections; otherwise each has to be asked.
        bool any = LocalEndPoint is IPEndPoint ip && (ip.Address.Equals(IPAddress.Any) || ip.Address.Equals(IPAddress.IPv6Any));
        _sharedLocal = any ? null : LocalEndPoint;
        _holders = transport.Reactors.Count;
        foreach (Reactor reactor in transport.Reactors)
        {
            reactor.Post(state => ((EpollListener)state!).Join((EpollReactor)reactor), this);
        }
    }

    public EndPoint LocalEndPoint { get; }

    public void StopAccepting()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        foreach (Reactor reactor in _transport.Reactors)
        {
            reactor.Post(state => ((EpollListener)state!).Leave((EpollReactor)reactor), this);
        }
    }

    public async ValueTask DisposeAsync()
    {
        StopAccepting();
        await _closed.Task.ConfigureAwait(false);
        await _sessions.Ended.ConfigureAwait(false);
        _transport.Forget(this);
    }

    public void OnEvents(EpollReactor reactor, uint events)
    {
        Span<byte> address = stackalloc byte[NativeAddress.MaxLength];
        for (int i = 0; i < MaxAccepts && Volatile.Read(ref _stopped) == 0; i++)
        {
            int descriptor = Libc.Accept(_descriptor, address, out int length);
            if (descriptor >= 0)
            {
                Accepted(reactor, descriptor, NativeAddress.Read(address[..length]));
                if (descriptor < _firstReserved)
                {
                    continue;
                }

                // The system gives out the lowest free number, so hardly more than the reserve is free.
                Pause(reactor, Errno.ProcessFilesSpent);
                return;
            }

            switch (-descriptor)
            {
                case Errno.Again:
                    return;
                case Errno.ProcessFilesSpent or Errno.SystemFilesSpent or Errno.NoBuffers or Errno.NoMemory:
                    Pause(reactor, -descriptor);
                    return;
                default:
                    // The connection died between its arrival and this call, which is no trouble of the listener (accept(2)).
                    continue;
            }
        }
    }

    public void OnReactorEnd()
    {
        // The transport disposes its listeners before it stops its reactors.
    }

    private static int Open(EndPoint endPoint, UnixFileMode? socketMode, TransportOptions options)
    {
        int family = NativeAddress.GetFamily(endPoint);
        int descriptor = Errno.Throw(Libc.Socket(family));
        int result = 0;
        if (family != NativeAddress.Unix)
        {
            result = Libc.SetOption(descriptor, SocketOptions.SocketLevel, SocketOptions.ReuseAddress, 1);
        }

        if (result >= 0 && family == NativeAddress.Ip6)
        {
            result = Libc.SetOption(descriptor, SocketOptions.Ip6Level, SocketOptions.Ip6Only, options.DualMode ? 0 : 1);
        }

        Span<byte> address = stackalloc byte[NativeAddress.MaxLength];
        int length = NativeAddress.Write(endPoint, address);
        if (result >= 0)
        {
            result = Libc.Bind(descriptor, address[..length]);
            if (result == -Errno.AddressInUse && UnixSocketFile.RemoveStale(endPoint))
            {
                result = Libc.Bind(descriptor, address[..length]);
            }
        }

        if (result >= 0 && socketMode is { } mode && !UnixSocketFile.TrySetMode(endPoint, mode))
        {
            result = -Errno.AccessDenied;
        }

        result = result >= 0 ? Libc.Listen(descriptor, options.Backlog) : result;
        if (result < 0)
        {
            Libc.Close(descriptor);
        }

        Errno.Throw(result);
        return descriptor;
    }

    private void Accepted(EpollReactor accepting, int descriptor, EndPoint? remote)
    {
        if (_tcp)
        {
            Libc.SetOption(descriptor, SocketOptions.TcpLevel, SocketOptions.NoDelay, 1);
        }

        EndPoint? local = _sharedLocal ?? EpollTransport.GetLocalEndPoint(descriptor);
        var serving = (EpollReactor)_transport.ChooseForAccepted(accepting);
        serving.AddConnection();
        _sessions.Enter();
        if (ReferenceEquals(serving, accepting))
        {
            StartSession(serving, descriptor, local, remote);
        }
        else
        {
            serving.Post(state => ((EpollListener)state!).StartSession(serving, descriptor, local, remote), this);
        }
    }

    private void StartSession(EpollReactor reactor, int descriptor, EndPoint? local, EndPoint? remote)
    {
        if (EpollConnection.Create(reactor, descriptor, local, remote) is { } connection)
        {
            reactor.BeginTurn();
            _sessions.Start(connection);
        }
        else
        {
            _sessions.Leave();
        }
    }

    private void Join(EpollReactor reactor)
    {
        if (Volatile.Read(ref _stopped) == 0)
        {
            if (Libc.FindFreeDescriptor(_descriptor) is int free && (free < 0 || free >= _firstReserved))
            {
                Wait(reactor);
                return;
            }

            int result = reactor.Register(_descriptor, EpollEvents.In | EpollEvents.Exclusive, this);
            if (result < 0)
            {
                reactor.Report(new SocketException((int)Errno.ToSocketError(-result)));
            }
        }
    }

    /// <summary>
    /// Out of descriptors or memory: new connections wait in the backlog for a moment. Accepting and closing them instead would send
    /// honest clients away.
    /// </summary>
    private void Pause(EpollReactor reactor, int errno)
    {
        TransportMetrics.AcceptPauses.Add(1);
        reactor.Unregister(_descriptor);
        Wait(reactor);
        reactor.Report(new SocketException((int)Errno.ToSocketError(errno)));
    }

    private void Wait(EpollReactor reactor)
    {
        ITimer? timer = null;
        timer = _transport.Time.CreateTimer(
            _ =>
            {
                timer?.Dispose();
                reactor.Post(state => ((EpollListener)state!).Join(reactor), this);
            },
            null,
            BackOff,
            Timeout.InfiniteTimeSpan);
    }

    private void Leave(EpollReactor reactor)
    {
        reactor.Unregister(_descriptor);
        if (Interlocked.Decrement(ref _holders) > 0)
        {
            return;
        }

        Libc.Close(_descriptor);
        if (_path is not null && UnixSocketFile.Remove(_path) is { } failure)
        {
            reactor.Report(failure);
        }

        _sessions.Stop();
        _closed.SetResult();
    }
}
