using System.Net;
using Microsoft.Extensions.Logging;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Load;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

namespace SlimtaFast.Edge;

/// <summary>
/// A whole mail server from a storage and a relay: the parts put together, started and stopped in the right order. Who needs another
/// shape makes the parts himself; there is nothing in here but their constructors. Thread-safe.
/// </summary>
public sealed partial class MailServer : IAsyncDisposable
{
    private readonly IQueueStorage? _storage;
    private readonly MailQueue? _stored;
    private readonly ProxyQueue? _proxy;
    private readonly ITransport _transport;
    private readonly SmtpEdge _edge;
    private readonly QueueIdGenerator _submissions;
    private readonly TimeProvider _time;
    private readonly string _hostName;
    private readonly int _contentThreshold;
    private IRelay _relay;
    private volatile MailServerState _state;

    /// <summary>Puts a server together that stores mail before it answers for it; <see cref="StartAsync"/> opens it.</summary>
    /// <param name="storage">Where mail waits; not started yet. The server owns it.</param>
    /// <param name="makeRelay">Makes the relay, over the server's transport. The server owns it.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    public MailServer(IQueueStorage storage, Func<ITransport, IRelay> makeRelay, MailServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(makeRelay);
        options ??= new MailServerOptions();
        (_hostName, _time, _contentThreshold, _submissions) = (options.HostName, options.Time, options.Edge.ContentThreshold, new QueueIdGenerator(options.Time));
        _storage = storage;
        (_transport, _relay) = MakeRelay(makeRelay, options);
        Queue = _stored = new MailQueue(storage, _relay, options.Queue with { HostName = options.HostName }, PoliciesOf(options), EnvironmentOf(options));
        _edge = MakeEdge(options);
    }

    /// <summary>
    /// Puts a server together that stores nothing: it relays while the client waits and passes the next hop's answer on. It offers no
    /// extension that would make a message wait (RFC 4865, RFC 2852).
    /// </summary>
    /// <param name="scratch">Where large messages are meanwhile.</param>
    /// <param name="makeRelay">Makes the relay, over the server's transport. The server owns it.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    public MailServer(ScratchContents scratch, Func<ITransport, IRelay> makeRelay, MailServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        ArgumentNullException.ThrowIfNull(makeRelay);
        options ??= new MailServerOptions();
        (_hostName, _time, _contentThreshold, _submissions) = (options.HostName, options.Time, options.Edge.ContentThreshold, new QueueIdGenerator(options.Time));
        (_transport, _relay) = MakeRelay(makeRelay, options);
        Queue = _proxy = new ProxyQueue(_relay, (id, _) => scratch.Begin(id), options.Proxy, PoliciesOf(options), EnvironmentOf(options));
        _edge = MakeEdge(options);
    }

    /// <summary>The queue, to hand mail to it without SMTP: a <see cref="MailQueue"/>, or a <see cref="ProxyQueue"/> where nothing is stored.</summary>
    public IMailQueue Queue { get; }

    /// <summary>Where mail waits, to look at; null where nothing is stored. It stays the server's.</summary>
    public IQueueStorage? Storage => _storage;

    /// <summary>How far the server is.</summary>
    public MailServerState State => _state;

    /// <summary>The edge, for edges of other protocols to stand beside: they share its limits, hooks and permissions.</summary>
    public SmtpEdge Edge => _edge;

    /// <summary>The addresses in use, with real ports; empty before the start.</summary>
    public IReadOnlyList<EndPoint> EndPoints => _edge.EndPoints;

    /// <summary>Opens the storage, starts to deliver what is in it, and listens. Where it fails the server can only be disposed.</summary>
    /// <exception cref="StorageException">The storage cannot be opened, or another server has it.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">An address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        _state = MailServerState.Starting;
        if (_storage is not null && _stored is not null)
        {
            await _storage.StartAsync(cancellationToken);
            await _stored.StartAsync(cancellationToken);
        }

        _edge.Start();
        _state = MailServerState.Running;
    }

    /// <summary>
    /// Stops accepting, lets running transactions and attempts finish, and records their outcomes. When <paramref name="giveUp"/> fires,
    /// connections that are left are cut; nothing that was acknowledged is lost either way.
    /// </summary>
    public async Task StopAsync(CancellationToken giveUp = default)
    {
        _state = MailServerState.Stopping;
        await _edge.StopAsync(giveUp);
        if (_stored is not null)
            await _stored.StopAsync(giveUp);
        if (_proxy is not null)
            await _proxy.StopAsync(giveUp);
    }

    /// <summary>Stops at once where that was not done, and closes everything, the storage last.</summary>
    public async ValueTask DisposeAsync()
    {
        _state = MailServerState.Stopping;
        await _edge.DisposeAsync();
        if (_stored is not null)
            await _stored.DisposeAsync();
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        await RetireRelaysAsync();
        await _transport.DisposeAsync();
        if (_storage is not null)
            await _storage.DisposeAsync();
    }

    private static (ITransport Transport, IRelay Relay) MakeRelay(Func<ITransport, IRelay> makeRelay, MailServerOptions options)
    {
        ILogger log = options.Loggers.CreateLogger<MailServer>();
        ITransport transport = Transports.Create(
            options.Transport with { UnobservedFault = options.Transport.UnobservedFault ?? (fault => MailServerLog.UnobservedFault(log, fault)) },
            options.Time);
        return (transport, makeRelay(transport));
    }

    private static IReadOnlyList<IQueuePolicy> PoliciesOf(MailServerOptions options) => options.Policies ?? QueuePolicies.Standard(options.HostName);

    private QueueEnvironment EnvironmentOf(MailServerOptions options) => new()
    {
        Time = options.Time,
        Logger = options.Loggers.CreateLogger<MailQueue>(),
        Meters = options.Meters,
        Events = options.Events,
        Threads = _transport.Threads,
    };

    private SmtpEdge MakeEdge(MailServerOptions options) => new(Queue, _transport, EdgeOptionsOf(options), options.Time, options.Loggers, options.Meters, options.Events);

    private SmtpEdgeOptions EdgeOptionsOf(MailServerOptions options)
    {
        SmtpEdgeOptions edge = options.Edge with { Session = options.Edge.Session with { HostName = options.HostName } };
        if (_stored is null)
            return edge with { Session = edge.Session with { FutureRelease = TimeSpan.Zero, DeliverBy = false } };
        int mostQueued = edge.Load.MaxQueued;
        return mostQueued > 0 ? edge with { Gauges = [.. edge.Gauges, new QueueGauge(_stored, mostQueued)] } : edge;
    }
}
