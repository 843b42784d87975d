using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Dns;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Relay.Outcome;
using SlimtaFast.Relay.Smtp;

namespace SlimtaFast.Relay;

/// <summary>Delivers everything to one host or one Unix-domain socket by SMTP, or by LMTP where the client options say so. Thread-safe.</summary>
public sealed class StaticSmtpRelay : IRelay
{
    private readonly Target[] _route;
    private readonly string _nextHop;
    private readonly SessionPool _pool;
    private readonly SmtpDelivery _delivery;
    private readonly ILogger _logger;

    /// <summary>Makes a relay to a host.</summary>
    /// <param name="transport">Makes the connections; not disposed with the relay.</param>
    /// <param name="host">A host name or an IP address.</param>
    /// <param name="port">TCP port.</param>
    /// <param name="options">How to speak SMTP; null for the defaults.</param>
    /// <param name="resolver">Looks the host name up; null asks the system, which also knows the hosts file.</param>
    /// <param name="time">The clock of time limits and idle times; null for the system's.</param>
    /// <param name="logger">Told of faults in the relay itself; null for nowhere.</param>
    public StaticSmtpRelay(
        ITransport transport,
        string host,
        int port,
        SmtpRelayOptions? options = null,
        IDnsResolver? resolver = null,
        TimeProvider? time = null,
        ILogger<StaticSmtpRelay>? logger = null)
        : this(transport, MakeTarget(host, port), options, resolver, time, logger)
    {
    }

    /// <summary>Makes a relay to a server of this machine that listens on a Unix-domain socket, such as a mailbox server's for LMTP.</summary>
    /// <param name="transport">Makes the connections; not disposed with the relay.</param>
    /// <param name="socketPath">The socket's path.</param>
    /// <param name="options">How to speak SMTP or LMTP; null for the defaults.</param>
    /// <param name="time">The clock of time limits and idle times; null for the system's.</param>
    /// <param name="logger">Told of faults in the relay itself; null for nowhere.</param>
    public StaticSmtpRelay(
        ITransport transport, string socketPath, SmtpRelayOptions? options = null, TimeProvider? time = null, ILogger<StaticSmtpRelay>? logger = null)
        : this(transport, MakeTarget(socketPath), options, resolver: null, time, logger)
    {
    }

    private StaticSmtpRelay(
        ITransport transport, Target target, SmtpRelayOptions? options, IDnsResolver? resolver, TimeProvider? time, ILogger<StaticSmtpRelay>? logger)
    {
        ArgumentNullException.ThrowIfNull(transport);
        options ??= new SmtpRelayOptions();
        time ??= TimeProvider.System;
        _route = [target];
        _nextHop = target.ToString();
        _pool = new SessionPool(options, time);
        _delivery = new SmtpDelivery(options, _pool, new SmtpConnector(transport, resolver, options, _pool, time));
        _logger = logger ?? NullLogger<StaticSmtpRelay>.Instance;
    }

    /// <summary>The one hop for all domains: <c>HOST:PORT</c> or <c>unix:PATH</c>.</summary>
    public string GetNextHop(string domain) => _nextHop;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        try
        {
            return await _delivery.AttemptAsync(_route, filter: null, envelope, attempt.Recipients, cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return RelayFault.Report(_logger, fault, envelope, attempt.Recipients.Count);
        }
    }

    /// <summary>Closes idle connections with QUIT.</summary>
    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private static Target MakeTarget(string host, int port)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        return new Target(host, port);
    }

    private static Target MakeTarget(string socketPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(socketPath);
        return new Target(socketPath, 0, IsSocket: true);
    }
}
