using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Limits;
using SlimtaFast.Edge.Load;
using SlimtaFast.Edge.Sessions;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge;

/// <summary>
/// Receives mail by SMTP and hands it to a queue. A message is answered with 250 only after the queue took it. Thread-safe.
/// </summary>
public sealed class SmtpEdge : IAsyncDisposable
{
    /// <summary>The meter that counts connections, messages and octets.</summary>
    public const string MeterName = "SlimtaFast.Edge";

    // Long enough for any client that reads at all; a refused connection may not keep its slot in the kernel for longer.
    private static readonly TimeSpan RefusalDeadline = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly ITransport _transport;
    private readonly EdgeMetrics _metrics;
    private readonly EdgeLog _log;
    private readonly OpenConnections _open;
    private readonly LoadMonitor _load;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<IListener> _listeners = [];
    private volatile EdgeResources _resources;
    private bool _started;
    private bool _disposed;

    /// <summary>Makes an edge; <see cref="Start"/> opens it.</summary>
    /// <param name="queue">Takes the messages.</param>
    /// <param name="transport">Makes the connections; stays the caller's to dispose, after the edge.</param>
    /// <param name="options">Where to listen and what to let in; null for the defaults.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="meters">Where to count; null for a meter of its own.</param>
    /// <param name="events">Is told of refusals; null where nobody wants to know.</param>
    public SmtpEdge(
        IMailQueue queue,
        ITransport transport,
        SmtpEdgeOptions? options = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        IMeterFactory? meters = null,
        IMailEventSink? events = null)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(transport);
        _transport = transport;
        options ??= new SmtpEdgeOptions();
        Check(options);
        time ??= TimeProvider.System;
        _metrics = new EdgeMetrics(meters);
        _log = new EdgeLog((loggers ?? NullLoggerFactory.Instance).CreateLogger<SmtpEdge>());
        _load = new LoadMonitor(MakeGauges(options), time, _log);
        _metrics.Observe(() => _load.States);
        var admission = new Admission(options, _load, time);
        _open = admission.Open;
        _resources = new EdgeResources(queue, options, new QueueIdGenerator(time), time, admission, _load, _metrics, _log, events, _stopping.Token);
    }

    /// <summary>The addresses in use, with real ports, in the order of the options; empty before <see cref="Start"/>.</summary>
    public IReadOnlyList<EndPoint> EndPoints
    {
        get
        {
            lock (_lock)
                return [.. _listeners.Select(l => l.LocalEndPoint)];
        }
    }

    /// <summary>What an edge of another protocol that stands beside this one shares with it.</summary>
    internal EdgeResources Resources => _resources;

    /// <summary>What is short at present, so that no more mail is taken; <see cref="RefusalReason.None"/> while nothing is.</summary>
    public RefusalReason Shortage => _load.Shortage;

    /// <summary>Connections being served.</summary>
    public int Connections => _open.Count;

    /// <summary>
    /// Goes by other options: the sessions that begin from now on, and the limits on connections, rates and load at once. Those that run go on as they began. Where to
    /// listen and the memory for contents stay what they were. Users' failed attempts and clients' rates are not forgotten.
    /// </summary>
    /// <param name="options">The options; where they cannot be, <see cref="ArgumentException"/> is thrown and nothing has changed.</param>
    public void Apply(SmtpEdgeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            EdgeResources earlier = _resources;
            options = options with { Listen = earlier.Options.Listen, ContentBudget = earlier.Options.ContentBudget };
            Check(options);
            List<LoadGauge> gauges = MakeGauges(options);
            _resources = new EdgeResources(options, earlier);
            _load.SetGauges(gauges);
        }
    }

    /// <summary>
    /// Listens on every end point, or fails with <see cref="SocketException"/> where one is taken; then no listener
    /// accepts, and the edge can only be disposed.
    /// </summary>
    public void Start()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_started)
                throw new InvalidOperationException("The edge was started before.");
            _started = true;
            _load.Start();
            try
            {
                foreach (EdgeListener place in _resources.Options.Listen)
                {
                    IListener listener = Listen(place);
                    _listeners.Add(listener);
                    _log.Listening(listener.LocalEndPoint);
                }
            }
            catch
            {
                _listeners.ForEach(l => l.StopAccepting());
                throw;
            }
        }
    }

    /// <summary>
    /// Stops accepting, lets transactions that run finish, says 421 to clients between messages, and ends when the last session has.
    /// When <paramref name="giveUp"/> fires, what is left is cut; what was answered with 250 is safe either way.
    /// </summary>
    public async Task StopAsync(CancellationToken giveUp = default)
    {
        IListener[] listeners;
        lock (_lock)
        {
            listeners = [.. _listeners];
            _started = true;
        }

        foreach (IListener listener in listeners)
            listener.StopAccepting();
        Task ended = _open.CloseAsync();
        await _stopping.CancelAsync();
        try
        {
            await ended.WaitAsync(giveUp);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            _log.ConnectionsCut(_open.AbortAll());
            await ended;
        }

        foreach (IListener listener in listeners)
            await listener.DisposeAsync();
    }

    /// <summary>Cuts every connection and closes the listeners. Call <see cref="StopAsync"/> first for a graceful end.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        using (var now = new CancellationTokenSource())
        {
            await now.CancelAsync();
            await StopAsync(now.Token);
        }

        _stopping.Dispose();
        _resources.Authenticator?.Dispose();
        _load.Dispose();
        _metrics.Dispose();
    }

    private IListener Listen(EdgeListener listener)
    {
        try
        {
            return _transport.Listen(listener.EndPoint, connection => ServeAsync(connection, listener), listener.SocketMode);
        }
        catch (SocketException failure)
        {
            // Of several listeners the operator must know which.
            throw new SocketException((int)failure.SocketErrorCode, $"Cannot listen on {listener.EndPoint}: {failure.Message}");
        }
    }

    // Runs on the thread that serves the connection.
    private Task ServeAsync(Connection connection, EdgeListener listener)
    {
        EdgeResources resources = _resources;
        bool isProxy = resources.Proxies.IsProxy(connection.RemoteEndPoint);
        RefusalReason refusal = resources.Admission.TryEnter(connection, isProxy);
        if (refusal != RefusalReason.None)
            return RefuseAsync(resources, connection, refusal, listener);
        return isProxy ? ServeProxiedAsync(resources, connection, listener) : RunSessionAsync(resources, connection, connection, header: null, listener);
    }

    private static IPAddress? GetAddress(Connection connection) => (connection.RemoteEndPoint as IPEndPoint)?.Address;

    // The header comes first of all, before TLS and before the greeting.
    private async Task ServeProxiedAsync(EdgeResources resources, Connection connection, EdgeListener listener)
    {
        bool isServed = false;
        try
        {
            (ProxyReadStatus status, ProxyHeader? header) = await ProxyProtocol.ReadAsync(connection, resources.Proxies.Timeout);
            RefusalReason refusal = resources.Proxies.Judge(status);
            if (refusal != RefusalReason.None)
            {
                // Nobody knows what the peer speaks, so that there is no answer to give.
                resources.RefuseConnection(connection.RemoteEndPoint, refusal);
                return;
            }

            if (status == ProxyReadStatus.Closed)
                return;
            Connection client = header is null ? connection : TakeOver(connection, header);
            refusal = resources.Admission.TryAssign(connection, GetAddress(client));
            isServed = refusal == RefusalReason.None;
            await (isServed ? RunSessionAsync(resources, connection, client, header, listener) : RefuseAsync(resources, client, refusal, listener));
        }
        finally
        {
            if (!isServed)
                _open.Leave(connection);
        }
    }

    private Connection TakeOver(Connection connection, ProxyHeader header)
    {
        _metrics.ConnectionProxied(header.Version);
        Connection client = header.Source is null ? connection : new ProxiedConnection(connection, header);
        _log.Proxied(client.RemoteEndPoint, client.LocalEndPoint, connection.RemoteEndPoint, header.Tls?.ToString() ?? "none");
        return client;
    }

    private async Task RunSessionAsync(EdgeResources resources, Connection connection, Connection client, ProxyHeader? header, EdgeListener listener)
    {
        _metrics.ConnectionOpened();
        EdgeSession handler = resources.Hooks.IsEmpty ? new EdgeSession(resources) : new HookedSession(resources);
        SmtpServerOptions options = listener.Lmtp ? resources.Lmtp : resources.Session;
        SessionId id = resources.SessionIds.Next();
        try
        {
            var session = new SmtpServerSession(client, handler, options, resources.Time)
            {
                Id = id,
                ProxyHeader = header,
                TrustsProxyCommands = resources.Xclients.Contains(GetAddress(client)),
                ImplicitTls = listener.ImplicitTls,
            };
            SessionEndReason reason = await session.RunAsync(_stopping.Token);
            if (session.Fault is { } fault)
                _log.SessionFailed(session.Id, session.RemoteEndPoint, fault);
            if (session.TlsProblem is { } problem)
                _log.TlsFailed(session.Id, session.RemoteEndPoint, problem);
            if (reason == SessionEndReason.UntrustedProxy)
                _log.UntrustedProxy(session.Id, client.RemoteEndPoint);
            _log.ConnectionEnded(session.Id, session.RemoteEndPoint, reason, handler.LastRefusal, handler.Accepted);
            // Last, so that what fails before it is counted below and nothing is counted twice.
            _metrics.SessionEnded(reason);
        }
#pragma warning disable CA1031 // The outermost frame of a session: whatever escapes from one client's session is logged and ends that session only.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _metrics.SessionEnded(SessionEndReason.Fault);
            _log.SessionFailed(id, client.RemoteEndPoint, failure);
        }
        finally
        {
            _open.Leave(connection);
            _metrics.ConnectionClosed();
        }
    }

    private static async Task RefuseAsync(EdgeResources resources, Connection connection, RefusalReason why, EdgeListener listener)
    {
        resources.RefuseConnection(connection.RemoteEndPoint, why);
        // A client that expects TLS could not read an answer in clear text, and a handshake is more than whoever is too many gets.
        if (listener.ImplicitTls)
            return;
        connection.SetDeadline(RefusalDeadline);
        WriteRefusal(connection, why);
        try
        {
            await connection.Output.FlushAsync(CancellationToken.None);
        }
        catch (Exception gone) when (gone is IOException or TimeoutException)
        {
            // The client did not wait for the answer: there is nobody left to tell.
        }
    }

    private static void WriteRefusal(Connection connection, RefusalReason why)
    {
        ReadOnlySpan<byte> line = EdgeReplies.ForConnection(why);
        line.CopyTo(connection.Output.GetSpan(line.Length));
        connection.Output.Advance(line.Length);
    }

    private static void Check(SmtpEdgeOptions options)
    {
        if (options.Listen.Any(l => l.ImplicitTls) && options.Session.Tls is null)
            throw new ArgumentException("A listener with TLS needs certificates.", nameof(options));
    }

    private static List<LoadGauge> MakeGauges(SmtpEdgeOptions options)
    {
        var gauges = new List<LoadGauge>(options.Gauges);
        if (options.Load.MaxMemoryPercent > 0)
            gauges.Add(new MemoryGauge(1 - (options.Load.MaxMemoryPercent / 100.0)));
        if (options.Load.MinFreeDisk > 0)
            gauges.AddRange(options.Load.Directories.Select(directory => new DiskGauge(directory, options.Load.MinFreeDisk)));
        return gauges;
    }
}
