using SlimtaFast.Mail;
using SlimtaFast.Queue.Bounces;
using SlimtaFast.Queue.Delivery;

namespace SlimtaFast.Queue.Administration;

/// <summary>Turns an operator's order into an item's next state. Pure.</summary>
internal static class OperatorJudge
{
    private static readonly SmtpReply Cancelled = new(554, "5.0.0", "Delivery was cancelled by the administrator of this server");

    /// <summary>Judges an order; null where it changes nothing.</summary>
    /// <param name="action">Anything but <see cref="QueueAction.Retry"/>, which changes no state.</param>
    /// <param name="item">The item as it is.</param>
    /// <param name="now">The time.</param>
    /// <param name="routingDomain">Where it is to be rerouted: the domain in lower case, or null for the recipients' own.</param>
    public static Judgement? Judge(QueueAction action, QueueItem item, DateTimeOffset now, string? routingDomain = null)
    {
        DeliveryState old = item.State;
        switch (action)
        {
            case QueueAction.Hold when old.IsHeld:
                return null;
            case QueueAction.Hold:
                return new Judgement { State = old with { Version = old.Version + 1, DueAt = HoldUntil(item) } };
            case QueueAction.Release:
                return new Judgement { State = old with { Version = old.Version + 1, DueAt = ReleaseAt(item, now) } };
            case QueueAction.Reroute:
                return Reroute(item, now, routingDomain ?? item.Envelope.Domain);
            default:
                return GiveUp(item, isReported: action == QueueAction.Bounce);
        }
    }

    private static Judgement? Reroute(QueueItem item, DateTimeOffset now, string domain)
    {
        DeliveryState old = item.State;
        if (domain == item.Domain)
            return null;

        // What was never attempted and is not due is held for its sender (RFC 4865).
        bool isHeld = old.IsHeld || (old.Attempts == 0 && old.DueAt > now && item.Envelope.Terms?.HoldUntil is not null);
        return new Judgement { State = old with { Version = old.Version + 1, DueAt = isHeld ? old.DueAt : DueNow(item, now), RoutingDomain = domain } };
    }

    // As soon as may be without changing what the due time says of the deadline: behind it, that the sender was told (RFC 2852).
    private static DateTimeOffset DueNow(QueueItem item, DateTimeOffset now)
    {
        if (item.Envelope.Terms?.By is not { IsPast: false } by)
            return now;
        DateTimeOffset deadline = by.Deadline;
        if (item.State.DueAt > deadline)
            return now > deadline ? now : deadline.AddTicks(1);
        return now < deadline ? now : deadline;
    }

    // A state that is due behind the deadline says that the sender was told of that (RFC 2852). Being held must not wipe it out.
    private static DateTimeOffset HoldUntil(QueueItem item) =>
        item.Envelope.Terms?.By is { } by && item.State.DueAt > by.Deadline ? DeliveryState.HeldUntil.AddTicks(1) : DeliveryState.HeldUntil;

    private static DateTimeOffset ReleaseAt(QueueItem item, DateTimeOffset now)
    {
        bool isTold = item.State.DueAt > DeliveryState.HeldUntil;
        return item.Envelope.Terms?.By is { IsPast: false } by && now > by.Deadline && !isTold ? by.Deadline : now;
    }

    private static Judgement GiveUp(QueueItem item, bool isReported)
    {
        RecipientStatus[] states = [.. item.State.Recipients];
        List<ReportedRecipient>? reports = null;
        int failed = 0;
        for (int i = 0; i < states.Length; i++)
        {
            if (states[i].Phase != RecipientPhase.Open)
                continue;
            failed++;
            states[i] = new RecipientStatus(RecipientPhase.Failed, Cancelled);
            Recipient recipient = item.Envelope.Recipients[i];

            // RFC 3461 section 4.1: without NOTIFY failures are reported.
            bool wanted = recipient.Notify == DsnNotify.Unspecified || (recipient.Notify.HasFlag(DsnNotify.Failure) && !recipient.Notify.HasFlag(DsnNotify.Never));
            if (isReported && wanted)
                (reports ??= []).Add(new ReportedRecipient(recipient, ReportAction.Failed, Cancelled, RemoteName: null, GivenUp: false));
        }

        return new Judgement { State = item.State with { Version = item.State.Version + 1, Recipients = states }, Failed = failed, Reports = reports };
    }
}
