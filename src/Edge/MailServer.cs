using System.Net;
using Microsoft.Extensions.Logging;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Load;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

namespace SlimtaFast.Edge;

/// <summary>
/// A whole mail server from a storage and a relay: the parts put together, started and stopped in the right order. Who needs another
/// shape makes the parts himself; there is nothing in here but their constructors. Thread-safe.
/// </summary>
public sealed class MailServer : IAsyncDisposable
{
    private readonly IQueueStorage _storage;
    private readonly ITransport _transport;
    private readonly IRelay _relay;
    private readonly SmtpEdge _edge;

    /// <summary>Puts a server together; <see cref="StartAsync"/> opens it.</summary>
    /// <param name="storage">Where mail waits; not started yet. The server owns it.</param>
    /// <param name="makeRelay">Makes the relay, over the server's transport. The server owns it.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    public MailServer(IQueueStorage storage, Func<ITransport, IRelay> makeRelay, MailServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(makeRelay);
        options ??= new MailServerOptions();
        _storage = storage;
        ILogger log = options.Loggers.CreateLogger<MailServer>();
        _transport = Transports.Create(
            options.Transport with { UnobservedFault = options.Transport.UnobservedFault ?? (fault => MailServerLog.UnobservedFault(log, fault)) },
            options.Time);
        _relay = makeRelay(_transport);
        Queue = new MailQueue(
            storage,
            _relay,
            options.Queue with { HostName = options.HostName },
            options.Policies ?? QueuePolicies.Standard(options.HostName),
            new QueueEnvironment
            {
                Time = options.Time,
                Logger = options.Loggers.CreateLogger<MailQueue>(),
                Meters = options.Meters,
                Threads = _transport.Threads,
            });
        int mostQueued = options.Edge.Load.MaxQueued;
        SmtpEdgeOptions edge = options.Edge with
        {
            Session = options.Edge.Session with { HostName = options.HostName },
            Gauges = mostQueued > 0 ? [.. options.Edge.Gauges, new QueueGauge(Queue, mostQueued)] : options.Edge.Gauges,
        };
        _edge = new SmtpEdge(Queue, _transport, edge, options.Time, options.Loggers, options.Meters);
    }

    /// <summary>The queue, to hand mail to it without SMTP and to look into it.</summary>
    public MailQueue Queue { get; }

    /// <summary>The edge, for edges of other protocols to stand beside: they share its limits, hooks and permissions.</summary>
    public SmtpEdge Edge => _edge;

    /// <summary>The addresses in use, with real ports; empty before the start.</summary>
    public IReadOnlyList<EndPoint> EndPoints => _edge.EndPoints;

    /// <summary>Opens the storage, starts to deliver what is in it, and listens. Where it fails the server can only be disposed.</summary>
    /// <exception cref="StorageException">The storage cannot be opened, or another server has it.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">An address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await _storage.StartAsync(cancellationToken);
        await Queue.StartAsync(cancellationToken);
        _edge.Start();
    }

    /// <summary>
    /// Stops accepting, lets running transactions and attempts finish, and records their outcomes. When <paramref name="giveUp"/> fires,
    /// connections that are left are cut; nothing that was acknowledged is lost either way.
    /// </summary>
    public async Task StopAsync(CancellationToken giveUp = default)
    {
        await _edge.StopAsync(giveUp);
        await Queue.StopAsync(giveUp);
    }

    /// <summary>Stops at once where that was not done, and closes everything, the storage last.</summary>
    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await Queue.DisposeAsync();
        await _relay.DisposeAsync();
        await _transport.DisposeAsync();
        await _storage.DisposeAsync();
    }
}
