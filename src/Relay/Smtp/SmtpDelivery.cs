using System.Diagnostics;
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
    // Hosts without an address cost no connection, but perhaps time-outs of two look-ups each, and a domain may name any number of them.
    private const int HostsPerAddress = 2;

    private static readonly EnhancedStatus RoutingUnknown = new(4, 4, 3);
    private static readonly EnhancedStatus NoSuchHost = new(5, 4, 4);
    private static readonly EnhancedStatus LoopsBack = new(5, 4, 6);

    // Replaced at once where another connection comes about.
    private static readonly RecipientOutcome NotSent =
        new(OutcomeKind.Transient, new SmtpReply(452, "4.5.3", "The next hop takes no more messages on this connection"));

    private static readonly RecipientOutcome NotConverted =
        new(OutcomeKind.Transient, new SmtpReply(452, "4.3.1", "The next hop takes 7-bit messages only, and too many others are being converted for such hops just now"));

    private readonly SmtpRelayOptions _options;
    private readonly ConversionBudget _conversions;
    private readonly SessionPool _pool;
    private readonly SmtpConnector _connector;

    /// <summary>Works with a pool and a connector.</summary>
    public SmtpDelivery(SmtpRelayOptions options, SessionPool pool, SmtpConnector connector)
    {
        _options = options;
        _conversions = new ConversionBudget(options.ConversionBudget);
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
        int withoutAddress = 0;
        for (int i = 0; i < route.Count && addressesLeft > 0; i++)
        {
            Target target = route[i];
            while (_pool.Take(target) is { } idle)
            {
                (DeliveryReport? report, List<int>? left) = await TrySendAsync(idle, envelope, recipients, cancellationToken);
                if (report is not null)
                    return left is null ? report : await GoOnAsync(target, filter, envelope, recipients, report, left, cancellationToken);
            }

            (OpenResult opened, int tried, bool stop) = await OpenAsync(target, filter, cancellationToken);
            addressesLeft -= tried;
            if (opened.Session is not null)
            {
                (DeliveryReport? report, List<int>? left) = await TrySendAsync(opened.Session, envelope, recipients, cancellationToken);
                return left is null ? report! : await GoOnAsync(target, filter, envelope, recipients, report!, left, cancellationToken);
            }

            if (stop && i > 0)
                break;
            // Permanent only where every host is: one that may work later keeps the message.
            if (!hasTransient || opened.Outcome.Kind == OutcomeKind.Transient)
                last = opened;
            hasTransient |= opened.Outcome.Kind == OutcomeKind.Transient;
            if (stop)
                break;
            if (tried == 0 && ++withoutAddress == HostsPerAddress * _options.MaxAddresses && i + 1 < route.Count)
                return DeliveryReport.ForAll(recipients.Count, TooManyWithoutAddress(withoutAddress, route.Count), HopCondition.Down);
        }

        return DeliveryReport.ForAll(recipients.Count, last.Outcome, last.Hop);
    }

    private async ValueTask<(OpenResult Result, int Tried, bool Stop)> OpenAsync(Target target, IHostFilter? filter, CancellationToken cancellationToken)
    {
        using Activity? activity = RelayTraces.BeginConnect(target);
        (DnsStatus status, List<System.Net.EndPoint> addresses) = await _connector.FindAddressesAsync(target, cancellationToken);
        if (status == DnsStatus.Failed)
            return (NotOpened(OutcomeKind.Transient, new SmtpReply(451, RoutingUnknown, $"The addresses of {target.Host} could not be looked up"), HopCondition.Down), 0, false);
        if (addresses.Count == 0)
            return (NotOpened(OutcomeKind.Permanent, new SmtpReply(550, NoSuchHost, $"The host {target.Host} has no address"), HopCondition.Up), 0, false);
        if (filter is not null && filter.IsSelf(addresses))
            return (NotOpened(OutcomeKind.Permanent, new SmtpReply(554, LoopsBack, $"Mail for {target.Host} loops back to this host"), HopCondition.Up), 0, true);
        filter?.RemoveRefused(addresses);
        if (addresses.Count == 0)
            return (NotOpened(OutcomeKind.Permanent, new SmtpReply(550, NoSuchHost, $"The host {target.Host} has no address that mail may be sent to from here"), HopCondition.Up), 0, false);
        return (await _connector.OpenAsync(target, addresses, cancellationToken), Math.Min(addresses.Count, _options.MaxAddresses), false);
    }

    // Transient even where each of them certainly has no address: those that are left were not asked for.
    private static RecipientOutcome TooManyWithoutAddress(int count, int all) =>
        new(OutcomeKind.Transient, new SmtpReply(451, RoutingUnknown, $"No address was found for {count} of the domain's {all} mail exchangers; the others were not looked up"));

    private static OpenResult NotOpened(OutcomeKind kind, SmtpReply reply, HopCondition hop) => new(null, new RecipientOutcome(kind, reply), hop);

    // RFC 9422 section 4.1 (MAILMAX): the server takes no further transaction on that connection, so others serve the recipients that are left.
    private async ValueTask<DeliveryReport> GoOnAsync(
        Target target, IHostFilter? filter, Envelope envelope, IReadOnlyList<Recipient> recipients, DeliveryReport report, List<int>? left, CancellationToken cancellationToken)
    {
        RecipientOutcome[] outcomes = [.. report.Outcomes];
        HopCondition hop = report.Hop;
        bool possiblyDelivered = report.PossiblyDelivered;
        while (left is not null)
        {
            DeliveryReport? next;
            List<int>? more;
            try
            {
                (OpenResult opened, _, _) = await OpenAsync(target, filter, cancellationToken);
                if (opened.Session is null)
                {
                    foreach (int index in left)
                        outcomes[index] = opened.Outcome;
                    break;
                }

                (next, more) = await TrySendAsync(opened.Session, envelope, RecipientBatch.Pick(recipients, left), cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // What earlier connections reached must not be forgotten with this one.
                foreach (int index in left)
                    outcomes[index] = RelayFault.BrokenOff;
                possiblyDelivered = true;
                break;
            }

            for (int i = 0; i < left.Count; i++)
                outcomes[left[i]] = next!.Outcomes[i];
            possiblyDelivered |= next!.PossiblyDelivered;
            hop = next.Hop == HopCondition.Up ? hop : HopCondition.Busy;
            List<int> served = left;
            left = more is null || more.Count == served.Count ? null : more.ConvertAll(place => served[place]);
        }

        return new DeliveryReport(outcomes, hop, possiblyDelivered);
    }

    // No report where an idle session proved to be dead before it could have taken the message; and those recipients that another session
    // has to serve.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(DeliveryReport? Report, List<int>? Left)> TrySendAsync(
        RelaySession relaySession, Envelope envelope, IReadOnlyList<Recipient> recipients, CancellationToken cancellationToken)
    {
        using Activity? activity = RelayTraces.BeginSend(relaySession);
        SmtpClientSession session = relaySession.Session;
        Envelope sent = envelope;
        long converting = 0;
        try
        {
            if (relaySession.IsReused && session.HasEnded())
                return (null, null);
            List<int>? pending = null;
            RecipientOutcome[]? outcomes = null;
            SmtpReply refusal = await MessageConverter.CheckAsync(session, envelope, recipients, cancellationToken);
            if (refusal.Code == 553 && (pending = RecipientBatch.TakeAscii(envelope, recipients)) is not null)
            {
                // RFC 6531 section 3.2: only the recipients that need SMTPUTF8 cannot be served.
                outcomes = new RecipientOutcome[recipients.Count];
                Array.Fill(outcomes, Refused(refusal, relaySession));
                refusal = await MessageConverter.CheckAsync(session, envelope, RecipientBatch.Pick(recipients, pending), cancellationToken);
            }

            if (MessageConverter.CanHelp(refusal, envelope, _options.MaxConversion))
            {
                if (!_conversions.TryTake(envelope.Content.Length, out converting))
                    return (PutOff(recipients.Count, pending, outcomes), null);
                sent = await MessageConverter.ConvertAsync(envelope, cancellationToken) ?? envelope;
            }
            else if (!refusal.IsNone)
                return (DeliveryReport.ForAll(recipients.Count, Refused(refusal, relaySession)), null);

            SmtpLimits limits = session.Extensions.Limits;
            List<int>? batch = RecipientBatch.Take(recipients, pending, limits, out List<int>? left);
            SmtpTransactionResult result = await session.SendAsync(sent, RecipientBatch.Pick(recipients, batch), _pool.MayBeClosed(relaySession), cancellationToken);
            if (relaySession.IsReused && IsStale(result))
                return (null, null);
            if (relaySession.IsReused && result.PossiblyDelivered && result.FailedAt == SmtpClientStage.Mail)
                _pool.NoteAbruptEnd(relaySession.Target);
            outcomes ??= new RecipientOutcome[recipients.Count];
            List<int>? again = Translate(result, relaySession, outcomes, batch);
            DeliveryReport report = MakeReport(result, outcomes);
            while ((left = Join(again, Spread(result, outcomes, batch, left))) is not null && session.IsUsable && (limits.Messages == 0 || session.Transactions < limits.Messages))
            {
                // The server takes no more recipients in one transaction: the rest get another one at once.
                batch = RecipientBatch.Take(recipients, left, limits, out left);
                try
                {
                    result = await session.SendAsync(sent, RecipientBatch.Pick(recipients, batch), isCautious: false, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    // What earlier transactions reached must not be forgotten with this one.
                    foreach (int index in Join(batch, left)!)
                        outcomes[index] = RelayFault.BrokenOff;
                    return (new DeliveryReport(outcomes, report.Hop, possiblyDelivered: true), null);
                }

                again = Translate(result, relaySession, outcomes, batch);
                report = MakeReport(result, outcomes, report.PossiblyDelivered);
            }

            if (left is null)
                return (report, null);
            foreach (int index in left)
                outcomes[index] = NotSent;
            return (report, report.Hop == HopCondition.Up && session.Failure == SmtpClientFailure.None ? left : null);
        }
        finally
        {
            if (!ReferenceEquals(sent, envelope))
                sent.Content.Release();
            _conversions.Return(converting);
            _pool.Return(relaySession);
        }
    }

    // Those that were refused for good stay so.
    private static DeliveryReport PutOff(int recipients, List<int>? pending, RecipientOutcome[]? outcomes)
    {
        if (pending is null || outcomes is null)
            return DeliveryReport.ForAll(recipients, NotConverted);
        foreach (int index in pending)
            outcomes[index] = NotConverted;
        return new DeliveryReport(outcomes);
    }

    private static RecipientOutcome Refused(SmtpReply refusal, RelaySession session) =>
        new(OutcomeKind.Permanent, refusal, session.RemoteName, session.Session.Connection.Tls);

    // What was refused before any recipient was named is refused for those that wait as well. Who still has to wait, or null.
    private static List<int>? Spread(SmtpTransactionResult result, RecipientOutcome[] outcomes, List<int>? batch, List<int>? left)
    {
        if (left is null || result.Failure != SmtpClientFailure.None || result.Replies[0].Stage is not (SmtpClientStage.Local or SmtpClientStage.Mail))
            return left;
        foreach (int index in left)
            outcomes[index] = outcomes[batch is null ? 0 : batch[0]];
        return null;
    }

    private static List<int>? Join(List<int>? first, List<int>? second)
    {
        if (first is null || second is null)
            return first ?? second;
        first.AddRange(second);
        return first;
    }

    // It was closed while it was idle: no answer to the first command, or a 421 to it.
    private static bool IsStale(SmtpTransactionResult result) => result.Failure switch
    {
        SmtpClientFailure.ConnectionLost => result.FailedAt == SmtpClientStage.Mail && !result.PossiblyDelivered,
        SmtpClientFailure.None => result.Replies[0] is { Stage: SmtpClientStage.Mail, Reply.Code: 421 },
        _ => false,
    };

    // The recipients that another transaction may serve, where this one delivered to some; else null.
    private List<int>? Translate(SmtpTransactionResult result, RelaySession session, RecipientOutcome[] outcomes, List<int>? indexes)
    {
        string? tls = session.Session.Connection.Tls;
        SmtpExtensions extensions = session.Session.Extensions;
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
            outcomes[index] = new RecipientOutcome(kind, answer.Reply.IsNone ? broken : answer.Reply, session.RemoteName, tls, extensions.Dsn, extensions.DeliverBy, _options.Client.Lmtp);
            isDelivered |= kind == OutcomeKind.Delivered;
            if (ReplyClassifier.IsTooManyRecipients(answer))
                (again ??= []).Add(index);
        }

        return isDelivered ? again : null;
    }

    private static DeliveryReport MakeReport(SmtpTransactionResult result, RecipientOutcome[] outcomes, bool possiblyDelivered = false)
    {
        HopCondition hop = ReplyClassifier.GetCondition(result.Failure);
        foreach (SmtpRecipientReply answer in result.Replies)
        {
            if (ReplyClassifier.AsksForLess(answer.Reply))
                hop = HopCondition.Busy;
        }

        return new DeliveryReport(outcomes, hop, result.PossiblyDelivered || possiblyDelivered);
    }
}
