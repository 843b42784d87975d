using SlimtaFast.Mail;
using SlimtaFast.Relay.Routing;

namespace SlimtaFast.Relay;

/// <summary>
/// Gives the mail of some domains to relays of their own, and all other mail to a usual one: each with its route, credentials, TLS, source
/// addresses and limits. The narrowest name that fits wins: the domain itself, then <c>.example.org</c> before <c>.org</c>. Thread-safe.
/// </summary>
public sealed class RoutedRelay : IRelay
{
    private readonly RouteTable _routes;
    private readonly IRelay _usual;
    private readonly IRelay[] _all;

    /// <summary>Takes the relays over; they are disposed with it.</summary>
    /// <param name="routes">The routes; throws <see cref="ArgumentException"/> where a domain stands in two.</param>
    /// <param name="usual">Who delivers all other mail.</param>
    public RoutedRelay(IReadOnlyList<DomainRoute> routes, IRelay usual)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(usual);
        _routes = new RouteTable(routes);
        _usual = usual;
        _all = [.. routes.Select(static route => route.Relay).Append(usual).Distinct()];
    }

    /// <summary>
    /// The next hop that the domain's relay names, with the route's number: two routes to one host may have different passwords, and one that fails
    /// must not hold up the other.
    /// </summary>
    public string GetNextHop(string domain) => _routes.Find(domain) is { } route ? $"{route.Relay.GetNextHop(domain)}#{_routes.NumberOf(route)}" : _usual.GetNextHop(domain);

    /// <summary>The bound of the domain's route or, where it has none, of its relay.</summary>
    public int GetMaxAttempts(string domain) => _routes.Find(domain) switch
    {
        null => _usual.GetMaxAttempts(domain),
        { MaxAttempts: > 0 } route => route.MaxAttempts,
        { } route => route.Relay.GetMaxAttempts(domain),
    };

    /// <inheritdoc/>
    public ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        if (attempt.RoutingDomain is { } domain)
            return Choose(domain).AttemptAsync(envelope, attempt, cancellationToken);
        IReadOnlyList<Recipient> recipients = attempt.Recipients;
        IRelay relay = Choose(recipients[0].Address.GetRoutingDomain());
        for (int i = 1; i < recipients.Count; i++)
        {
            if (!ReferenceEquals(Choose(recipients[i].Address.GetRoutingDomain()), relay))
            {
                return SplitAttempt.RunAsync(
                    recipients,
                    recipient => Choose(recipient.Address.GetRoutingDomain()),
                    (way, part) => way.AttemptAsync(envelope, attempt with { Recipients = part }, cancellationToken));
            }
        }

        return relay.AttemptAsync(envelope, attempt, cancellationToken);
    }

    /// <summary>Disposes all relays.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (IRelay relay in _all)
            await relay.DisposeAsync();
    }

    private IRelay Choose(string domain) => _routes.Find(domain)?.Relay ?? _usual;
}
