using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Dns;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Relay.Mx;
using SlimtaFast.Relay.Outcome;
using SlimtaFast.Relay.Routing;
using SlimtaFast.Relay.Smtp;

namespace SlimtaFast.Relay;

/// <summary>
/// Delivers by SMTP to the mail exchangers that the DNS names for each recipient's domain, or for the attempt's routing domain. Connections are kept by host, so
/// domains with the same exchanger share them. Thread-safe.
/// </summary>
public sealed class MxRelay : IRelay
{
    private readonly MxRouter _router;
    private readonly ExchangerFilter _filter;
    private readonly SessionPool _pool;
    private readonly SmtpDelivery _delivery;
    private readonly ILogger _logger;

    /// <summary>Makes a relay.</summary>
    /// <param name="transport">Makes the connections; not disposed with the relay.</param>
    /// <param name="resolver">Looks up exchangers and addresses.</param>
    /// <param name="options">How to find exchangers and to speak SMTP; null for the defaults.</param>
    /// <param name="time">The clock of time limits and idle times; null for the system's.</param>
    /// <param name="random">Orders exchangers of the same preference; used under a lock. Null for a source of its own.</param>
    /// <param name="logger">Told of faults in the relay itself; null for nowhere.</param>
    public MxRelay(
        ITransport transport,
        IDnsResolver resolver,
        MxRelayOptions? options = null,
        TimeProvider? time = null,
        Random? random = null,
        ILogger<MxRelay>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(resolver);
        options ??= new MxRelayOptions();
        time ??= TimeProvider.System;
        _router = new MxRouter(resolver, options.Port, random ?? new Random());
        _filter = new ExchangerFilter(options);
        _pool = new SessionPool(options.Smtp, time);
        _delivery = new SmtpDelivery(options.Smtp, _pool, new SmtpConnector(transport, resolver, options.Smtp, _pool, time));
        _logger = logger ?? NullLogger<MxRelay>.Instance;
    }

    /// <summary>The domain itself: which hosts serve it is known only after a look-up.</summary>
    public string GetNextHop(string domain) => domain;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        try
        {
            string? domain = attempt.RoutingDomain ?? GetOnlyDomain(attempt.Recipients);
            return domain is not null
                ? await AttemptDomainAsync(domain, envelope, attempt.Recipients, cancellationToken)
                : await SplitAttempt.RunAsync(
                    attempt.Recipients,
                    static recipient => recipient.Address.GetRoutingDomain(),
                    (way, part) => AttemptDomainAsync(way, envelope, part, cancellationToken));
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return RelayFault.Report(_logger, fault, envelope, attempt.Recipients.Count);
        }
    }

    /// <summary>Closes idle connections with QUIT.</summary>
    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private static string? GetOnlyDomain(IReadOnlyList<Recipient> recipients)
    {
        string domain = recipients[0].Address.GetRoutingDomain();
        for (int i = 1; i < recipients.Count; i++)
        {
            if (!recipients[i].Address.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase))
                return null;
        }

        return domain;
    }

    private async ValueTask<DeliveryReport> AttemptDomainAsync(
        string domain, Envelope envelope, IReadOnlyList<Recipient> recipients, CancellationToken cancellationToken)
    {
        MxRoute route = await _router.FindAsync(domain, cancellationToken);
        if (route.Hosts.Count == 0 && route.Outcome.Kind == OutcomeKind.Permanent && !recipients[0].Address.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase))
            route = MxRoute.OfMistake(domain, route.Outcome.Reply);
        return route.Hosts.Count == 0
            ? DeliveryReport.ForAll(recipients.Count, route.Outcome, route.Hop)
            : await _delivery.AttemptAsync(route.Hosts, _filter, envelope, recipients, cancellationToken);
    }
}
