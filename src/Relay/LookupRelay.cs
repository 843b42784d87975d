using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Routing;

namespace SlimtaFast.Relay;

/// <summary>
/// Looks up with each attempt which relay delivers a domain's mail, so that routes can change while the server runs: a file, Redis, a database.
/// Relays are made when they are first named and kept. Where the lookup fails, or names a relay that cannot be made, the message waits.
/// Thread-safe.
/// </summary>
public sealed class LookupRelay : IRelay
{
    private static readonly SmtpReply NotFoundOut = new(451, "4.4.3", "The route of the domain could not be looked up");
    private static readonly SmtpReply BadRoute = new(451, "4.3.5", "The route of the domain is configured wrongly");

    private readonly Func<string, CancellationToken, ValueTask<string?>> _find;
    private readonly RelayCache _relays;
    private readonly IRelay _usual;
    private readonly ILogger _logger;

    /// <summary>Makes a relay.</summary>
    /// <param name="find">
    /// Says for a domain in lower case what <paramref name="make"/> has to make, such as <c>smtp://10.0.0.1:25</c>, or null for the usual relay.
    /// An exception means that it could not be found out.
    /// </param>
    /// <param name="make">Makes a relay of such a text; throws <see cref="FormatException"/> where it cannot.</param>
    /// <param name="usual">Who delivers where nothing else is said; disposed with this.</param>
    /// <param name="maxRelays">Relays that are kept; the one that was not used for longest makes room. At least 1.</param>
    /// <param name="logger">Told of lookups that fail and routes that are wrong; null for nowhere.</param>
    public LookupRelay(
        Func<string, CancellationToken, ValueTask<string?>> find, Func<string, IRelay> make, IRelay usual, int maxRelays = 1000, ILogger<LookupRelay>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(find);
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(usual);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRelays, 1);
        _find = find;
        _relays = new RelayCache(make, maxRelays);
        _usual = usual;
        _logger = logger ?? NullLogger<LookupRelay>.Instance;
    }

    /// <summary>The domain itself: its relay is known only after the lookup.</summary>
    public string GetNextHop(string domain) => domain;

    /// <summary>The bound of the usual relay.</summary>
    public int GetMaxAttempts(string domain) => _usual.GetMaxAttempts(domain);

    /// <inheritdoc/>
    public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var routes = new Dictionary<string, RelayCache.Use?>(StringComparer.Ordinal);
        try
        {
            foreach (Recipient recipient in attempt.Recipients)
            {
                string domain = DomainOf(recipient);
                if (routes.ContainsKey(domain))
                    continue;
                (RelayCache.Use? use, SmtpReply trouble) = await ChooseAsync(envelope.Id, domain, cancellationToken);
                if (!trouble.IsNone)
                    return DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Transient, trouble), HopCondition.Down);
                routes.Add(domain, use);
            }

            IRelay Of(Recipient recipient) => routes[DomainOf(recipient)]?.Relay ?? _usual;
            return routes.Count == 1
                ? await Of(attempt.Recipients[0]).AttemptAsync(envelope, attempt, cancellationToken)
                : await SplitAttempt.RunAsync(attempt.Recipients, Of, (way, part) => way.AttemptAsync(envelope, attempt with { Recipients = part }, cancellationToken));
        }
        finally
        {
            foreach (RelayCache.Use? use in routes.Values)
                use?.End();
        }

        string DomainOf(Recipient recipient) => attempt.RoutingDomain ?? recipient.Address.GetRoutingDomain();
    }

    /// <summary>Disposes all relays.</summary>
    public async ValueTask DisposeAsync()
    {
        await _relays.DisposeAsync();
        await _usual.DisposeAsync();
    }

    private async ValueTask<(RelayCache.Use? Use, SmtpReply Trouble)> ChooseAsync(QueueId id, string domain, CancellationToken cancellationToken)
    {
        string? text;
        try
        {
            text = await _find(domain, cancellationToken);

            // A sender may write an international domain in its other way.
            if (text is null && !Ascii.IsValid(domain) && DomainNames.TryGetAscii(domain, out string ascii))
                text = await _find(ascii, cancellationToken);
        }
        catch (Exception trouble) when (trouble is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            RoutingLog.LookupFailed(_logger, id, domain, trouble);
            return (null, NotFoundOut);
        }

        if (string.IsNullOrWhiteSpace(text))
            return (null, default);
        try
        {
            return (_relays.Take(text.Trim()), default);
        }
        catch (FormatException wrong)
        {
            RoutingLog.WrongRoute(_logger, id, domain, wrong.Message);
            return (null, BadRoute);
        }
    }
}
