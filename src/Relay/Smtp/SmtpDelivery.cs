using System.Runtime.CompilerServices;
using SlimtaFast.Dns;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Relay.Conversion;
using SlimtaFast.Relay.Outcome;

namespace SlimtaFast.Relay.Smtp;

/// <summary>
/// One attempt with the hosts of a route: takes an idle session or opens one, sends the message, and turns the answers into a report.
/// Thread-safe; everything of one attempt is in its call.
/// </summary>
internal sealed class SmtpDelivery
{
    private static readonly EnhancedStatus RoutingUnknown = new(4, 4, 3);
    private static readonly EnhancedStatus NoSuchHost = new(5, 4, 4);
    private static readonly EnhancedStatus LoopsBack = new(5, 4, 6);

    private readonly SmtpRelayOptions _options;
    private readonly SessionPool _pool;
    private readonly SmtpConnector _connector;

    /// <summary>Works with a pool and a connector.</summary>
    public SmtpDelivery(SmtpRelayOptions options, SessionPool pool, SmtpConnector connector)
    {
        _options = options;
        _pool = pool;
        _connector = connector;
    }

    /// <summary>Tries the hosts in their order; the first that opens a session decides over the message.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<DeliveryReport> AttemptAsync(
        IReadOnlyList<Target> route, IHostFilter? filter, Envelope envelope, IReadOnlyList<Recipient> recipients, CancellationToken cancellationToken)
    {
        var last = default(OpenResult);
        bool hasTransient = false;
        int addressesLeft = _options.MaxAddresses;
        for (int i = 0; i < route.Count && addressesLeft > 0; i++)
        {
            Target target = route[i];
            while (_pool.Take(target) is { } idle)
            {
                DeliveryReport? report = await TrySendAsync(idle, envelope, recipients, cancellationToken);
                if (report is not null)
                    return report;
            }

            (OpenResult opened, int tried, bool stop) = await OpenAsync(target, filter, cancellationToken);
            addressesLeft -= tried;
            if (opened.Session is not null)
                return (await TrySendAsync(opened.Session, envelope, recipients, cancellationToken))!;
            if (stop && i > 0)
                break;
            // Permanent only where every host is: one that may work later keeps the message.
            if (!hasTransient || opened.Outcome.Kind == OutcomeKind.Transient)
                last = opened;
            hasTransient |= opened.Outcome.Kind == OutcomeKind.Transient;
            if (stop)
                break;
        }

        return DeliveryReport.ForAll(recipients.Count, last.Outcome, last.Hop);
    }

    private async ValueTask<(OpenResult Result, int Tried, bool Stop)> OpenAsync(Target target, IHostFilter? filter, CancellationToken cancellationToken)
    {
        (DnsStatus status, List<System.Net.EndPoint> addresses) = await _connector.FindAddressesAsync(target, cancellationToken);
        if (status == DnsStatus.Failed)
            return (NotOpened(OutcomeKind.Transient, new SmtpReply(451, RoutingUnknown, $"The addresses of {target.Host} could not be looked up"), HopCondition.Down), 0, false);
        if (addresses.Count == 0)
            return (NotOpened(OutcomeKind.Permanent, new SmtpReply(550, NoSuchHost, $"The host {target.Host} has no address"), HopCondition.Up), 0, false);
        if (filter is not null && filter.IsSelf(addresses))
            return (NotOpened(OutcomeKind.Permanent, new SmtpReply(554, LoopsBack, $"Mail for {target.Host} loops back to this host"), HopCondition.Up), 0, true);
        return (await _connector.OpenAsync(target, addresses, cancellationToken), Math.Min(addresses.Count, _options.MaxAddresses), false);
    }

    private static OpenResult NotOpened(OutcomeKind kind, SmtpReply reply, HopCondition hop) => new(null, new RecipientOutcome(kind, reply), hop);

    // Null where an idle session proved to be dead before it could have taken the message.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<DeliveryReport?> TrySendAsync(
        RelaySession relaySession, Envelope envelope, IReadOnlyList<Recipient> recipients, CancellationToken cancellationToken)
    {
        SmtpClientSession session = relaySession.Session;
        Envelope sent = envelope;
        try
        {
            if (relaySession.IsReused && session.HasEnded())
                return null;
            SmtpReply refusal = await MessageConverter.CheckAsync(session, envelope, recipients, cancellationToken);
            if (MessageConverter.CanHelp(refusal, envelope, _options.MaxConversion))
                sent = await MessageConverter.ConvertAsync(envelope, cancellationToken) ?? envelope;
            else if (!refusal.IsNone)
                return DeliveryReport.ForAll(recipients.Count, new RecipientOutcome(OutcomeKind.Permanent, refusal, relaySession.RemoteName, session.Connection.Tls));
            SmtpTransactionResult result = await session.SendAsync(sent, recipients, _pool.MayBeClosed(relaySession), cancellationToken);
            if (relaySession.IsReused && IsStale(result))
                return null;
            if (relaySession.IsReused && result.PossiblyDelivered && result.FailedAt == SmtpClientStage.Mail)
                _pool.NoteAbruptEnd(relaySession.Target);
            var outcomes = new RecipientOutcome[recipients.Count];
            List<int>? again = Translate(result, relaySession, outcomes, indexes: null);
            DeliveryReport report = MakeReport(result, outcomes);
            while (again is not null && session.IsUsable)
            {
                // The server takes no more recipients in one transaction: the rest get another one at once.
                result = await session.SendAsync(sent, [.. again.Select(i => recipients[i])], isCautious: false, cancellationToken);
                again = Translate(result, relaySession, outcomes, again);
                report = MakeReport(result, outcomes, report.PossiblyDelivered);
            }

            return report;
        }
        finally
        {
            if (!ReferenceEquals(sent, envelope))
                sent.Content.Release();
            _pool.Return(relaySession);
        }
    }

    // It was closed while it was idle: no answer to the first command, or a 421 to it.
    private static bool IsStale(SmtpTransactionResult result) => result.Failure switch
    {
        SmtpClientFailure.ConnectionLost => result.FailedAt == SmtpClientStage.Mail && !result.PossiblyDelivered,
        SmtpClientFailure.None => result.Replies[0] is { Stage: SmtpClientStage.Mail, Reply.Code: 421 },
        _ => false,
    };

    // The recipients that another transaction may serve, where this one delivered to some; else null.
    private static List<int>? Translate(SmtpTransactionResult result, RelaySession session, RecipientOutcome[] outcomes, List<int>? indexes)
    {
        string? tls = session.Session.Connection.Tls;
        bool reportsSuccess = session.Session.Extensions.Dsn;
        SmtpReply broken = result.Failure == SmtpClientFailure.None
            ? default
            : ReplyClassifier.ForFailure(result.Failure, result.FailedAt, session.Session.Problem);
        bool isDelivered = false;
        List<int>? again = null;
        ReadOnlySpan<SmtpRecipientReply> replies = result.Replies;
        for (int i = 0; i < replies.Length; i++)
        {
            SmtpRecipientReply answer = replies[i];
            int index = indexes is null ? i : indexes[i];
            OutcomeKind kind = ReplyClassifier.Classify(answer);
            outcomes[index] = new RecipientOutcome(kind, answer.Reply.IsNone ? broken : answer.Reply, session.RemoteName, tls, session.Session.Extensions.Dsn);
            isDelivered |= kind == OutcomeKind.Delivered;
            if (ReplyClassifier.IsTooManyRecipients(answer))
                (again ??= []).Add(index);
        }

        return isDelivered ? again : null;
    }

    private static DeliveryReport MakeReport(SmtpTransactionResult result, RecipientOutcome[] outcomes, bool possiblyDelivered = false)
    {
        HopCondition hop = ReplyClassifier.GetCondition(result.Failure, result.FailedAt);
        foreach (SmtpRecipientReply answer in result.Replies)
        {
            if (answer.Reply.Code == 421)
                hop = HopCondition.Busy;
        }

        return new DeliveryReport(outcomes, hop, result.PossiblyDelivered || possiblyDelivered);
    }
}
