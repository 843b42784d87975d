using System.Net;
using System.Net.Sockets;
using SlimtaFast.Dns;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Relay.Outcome;

namespace SlimtaFast.Relay.Smtp;

/// <summary>Opens sessions: finds a host's addresses, connects to one after the other, and says hello. Thread-safe.</summary>
internal sealed class SmtpConnector
{
    // Who serves a Unix-domain socket has no other name.
    private const string LocalName = "localhost";

    private static readonly EnhancedStatus NoAnswerFromHost = new(4, 4, 1);

    private readonly ITransport _transport;
    private readonly SmtpRelayOptions _options;
    private readonly HostAddresses _addresses;
    private readonly DeadAddresses _dead;
    private readonly BrokenTls _brokenTls;
    private readonly SmtpClientOptions _clear;
    private readonly TimeProvider _time;
    private readonly SessionPool _pool;
    private readonly SourcePool _sources;

    /// <summary>Makes a connector; the pool says goodbye to servers that refuse.</summary>
    public SmtpConnector(ITransport transport, IDnsResolver? resolver, SmtpRelayOptions options, SessionPool pool, TimeProvider time)
    {
        _pool = pool;
        _transport = transport;
        _options = options;
        _addresses = new HostAddresses(resolver, options.Addresses);
        _dead = new DeadAddresses(options.DeadTime, time);
        _brokenTls = new BrokenTls(options.BrokenTlsTime, time);
        _clear = options.Client with { Tls = SmtpClientTls.Off };
        _time = time;
        _sources = new SourcePool(options.SourceAddresses);
    }

    /// <summary>A host's addresses, those left out that were dead lately.</summary>
    public async ValueTask<(DnsStatus Status, List<EndPoint> Addresses)> FindAddressesAsync(Target target, CancellationToken cancellationToken)
    {
        (DnsStatus status, List<EndPoint> addresses) = await _addresses.FindAsync(target, cancellationToken);
        _dead.Filter(addresses);
        return (status, addresses);
    }

    /// <summary>
    /// Tries the addresses in their order until a session is open. A server that refuses by its greeting or hello is like one that
    /// cannot be reached: another address may do.
    /// </summary>
    public async ValueTask<OpenResult> OpenAsync(Target target, List<EndPoint> addresses, CancellationToken cancellationToken)
    {
        OpenResult last = default;
        for (int i = 0; i < addresses.Count && i < _options.MaxAddresses; i++)
        {
            last = await OpenAsync(target, addresses[i], cancellationToken);
            if (last.Session is not null)
                return last;
        }

        return last;
    }

    private async ValueTask<OpenResult> OpenAsync(Target target, EndPoint address, CancellationToken cancellationToken)
    {
        if (!IsOpportunistic || !_brokenTls.Contains(address))
        {
            OpenResult result = await OpenAsync(target, address, _options.Client, cancellationToken);
            if (!IsOpportunistic || !_brokenTls.Contains(address))
                return result;
        }

        return await OpenAsync(target, address, _clear, cancellationToken);
    }

    // The only policy that has something to fall back to.
    private bool IsOpportunistic => _options.Client.Tls is { Policy: SmtpTlsPolicy.Opportunistic, Implicit: false };

    private async ValueTask<OpenResult> OpenAsync(Target target, EndPoint address, SmtpClientOptions client, CancellationToken cancellationToken)
    {
        Connection? connection = null;
        SourceAddress? source = _sources.Take(address.AddressFamily);
        if (source?.HelloName is { } name)
            client = client with { HelloName = name };
        using (var limit = new CancellationTokenSource(_options.ConnectTimeout, _time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken))
        {
            try
            {
                connection = await _transport.ConnectAsync(address, source is null ? null : new IPEndPoint(source.Address, 0), either.Token);
                if (_options.ProxyProtocol is { } version)
                    await SendHeaderAsync(connection, version, either.Token);
            }
            catch (Exception trouble) when (trouble is SocketException or IOException or TimeoutException || (trouble is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                if (connection is not null)
                    await connection.DisposeAsync();
                _dead.Add(address);
                string why = trouble is OperationCanceledException ? "timed out" : trouble.Message;
                SmtpReply reply = SmtpReply.FromForeignText(451, NoAnswerFromHost, $"Connecting to {target} at {address} failed: {why}");
                return new OpenResult(null, new RecipientOutcome(OutcomeKind.Transient, reply), HopCondition.Down);
            }
        }

        _dead.Remove(address);
        return await GreetAsync(target, address, connection, client, cancellationToken);
    }

    // Before anything else, TLS included; the server greets when it has it.
    private async ValueTask SendHeaderAsync(Connection connection, ProxyVersion version, CancellationToken cancellationToken)
    {
        new ProxyHeader { Version = version, Source = connection.LocalEndPoint, Destination = connection.RemoteEndPoint }.WriteTo(connection.Output);
        connection.SetDeadline(_options.ConnectTimeout);
        await connection.Output.FlushAsync(cancellationToken);
    }

    private async ValueTask<OpenResult> GreetAsync(
        Target target, EndPoint address, Connection connection, SmtpClientOptions client, CancellationToken cancellationToken)
    {
        string remoteName = address is not IPEndPoint ip ? LocalName : IPAddress.TryParse(target.Host, out _) ? $"[{ip.Address}]" : target.Host;
        var session = new SmtpClientSession(connection, client, target.Host, _time);
        var opened = new RelaySession(session, target, remoteName);
        bool isOpen = false;
        try
        {
            SmtpReply reply = await session.OpenAsync(cancellationToken);
            isOpen = reply.IsPositive;
            if (isOpen)
                return new OpenResult(opened, default, HopCondition.Up);
            if (reply.IsNone)
            {
                reply = ReplyClassifier.ForFailure(session.Failure, session.FailedAt, session.Problem);
                var outcome = new RecipientOutcome(OutcomeKind.Transient, reply, remoteName);
                if (session.FailedAt != SmtpClientStage.Tls)
                {
                    _dead.Add(address);
                    return new OpenResult(null, outcome, HopCondition.Down);
                }

                // The host is there: with another policy, or once its certificate is right, it takes mail.
                _brokenTls.Add(address);
                return new OpenResult(null, outcome, HopCondition.Busy);
            }

            // Wrong credentials are the operator's mistake, not the message's: it waits until they are right.
            if (session.FailedAt == SmtpClientStage.Authentication)
                return new OpenResult(null, new RecipientOutcome(OutcomeKind.Transient, reply, remoteName), HopCondition.Down);
            OutcomeKind kind = ReplyClassifier.Classify(new SmtpRecipientReply(reply, SmtpClientStage.Greeting));
            return new OpenResult(null, new RecipientOutcome(kind, reply, remoteName), kind == OutcomeKind.Transient ? HopCondition.Busy : HopCondition.Up);
        }
        finally
        {
            if (!isOpen)
                _pool.Close(opened);
        }
    }
}
