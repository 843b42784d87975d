using System.Net;

namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>A transport made of reactors; derived types bring the sockets. Thread-safe.</summary>
internal abstract class ReactorTransport : ITransport
{
    private readonly Lock _gate = new();
    private readonly HashSet<IListener> _listeners = [];
    private readonly Reactor[] _reactors;
    private readonly CoarseClock _clock;
    private int _next;
    private bool _disposed;

    protected ReactorTransport(TransportOptions options, TimeProvider time)
    {
        Options = options;
        Time = time;
        _clock = new CoarseClock(time, Tick);
        _reactors = new Reactor[options.Reactors];
    }

    public TransportOptions Options { get; }

    public TimeProvider Time { get; }

    public IReadOnlyList<Reactor> Reactors => _reactors;

    /// <inheritdoc/>
    public IReadOnlyList<SynchronizationContext> Threads { get; private set; } = [];

    /// <summary>Starts the threads.</summary>
    public void Start()
    {
        for (int i = 0; i < _reactors.Length; i++)
        {
            _reactors[i] = CreateReactor("reactor " + i, _clock);
        }

        Threads = [.. _reactors.Select(r => r.Context)];
        foreach (Reactor reactor in _reactors)
        {
            reactor.Start();
        }

        _clock.Start();
    }

    public IListener Listen(EndPoint endPoint, Func<Connection, Task> session, UnixFileMode? socketMode = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(session);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            IListener listener = OpenListener(endPoint, socketMode, new SessionSet(session));
            _listeners.Add(listener);
            return listener;
        }
    }

    public ValueTask<Connection> ConnectAsync(EndPoint remote, EndPoint? local, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(remote);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Connection>(cancellationToken);
        }

        return new ValueTask<Connection>(ConnectAsync(ChooseForConnect(), remote, local, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        IListener[] listeners;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            listeners = [.. _listeners];
        }

        foreach (IListener listener in listeners)
        {
            listener.StopAccepting();
        }

        foreach (IListener listener in listeners)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        _clock.Dispose();
        foreach (Reactor reactor in _reactors)
        {
            await reactor.StopAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Forgets a listener that is disposed.</summary>
    public void Forget(IListener listener)
    {
        lock (_gate)
        {
            _listeners.Remove(listener);
        }
    }

    /// <summary>
    /// The reactor that should serve a connection which <paramref name="accepting"/> accepted: itself, unless another has clearly fewer.
    /// The kernel wakes whom it likes, and a connection stays for ever where it starts.
    /// </summary>
    public Reactor ChooseForAccepted(Reactor accepting)
    {
        Reactor least = accepting;
        foreach (Reactor reactor in _reactors)
        {
            if (reactor.Connections < least.Connections)
            {
                least = reactor;
            }
        }

        return least.Connections + 4 < accepting.Connections ? least : accepting;
    }

    protected abstract Reactor CreateReactor(string name, CoarseClock clock);

    protected abstract IListener OpenListener(EndPoint endPoint, UnixFileMode? socketMode, SessionSet sessions);

    protected abstract Task<Connection> ConnectAsync(Reactor reactor, EndPoint remote, EndPoint? local, CancellationToken cancellationToken);

    private Reactor ChooseForConnect()
    {
        Reactor? current = Reactor.Current;
        if (current is not null && Array.IndexOf(_reactors, current) >= 0)
        {
            return current;
        }

        return _reactors[(int)((uint)Interlocked.Increment(ref _next) % (uint)_reactors.Length)];
    }

    private void Tick()
    {
        foreach (Reactor reactor in _reactors)
        {
            reactor.PostTick();
        }
    }
}
