using SlimtaFast.Mail;
using SlimtaFast.Queue.Bounces;

namespace SlimtaFast.Queue.Delivery;

/// <summary>Turns what an attempt brought into an item's next state. Pure.</summary>
internal sealed class AttemptJudge
{
    private static readonly RecipientOutcome NoOutcome =
        new(OutcomeKind.Transient, new SmtpReply(451, "4.3.0", "The relay told no outcome"));

    private static readonly SmtpReply NoReply = new(451, "4.4.7", "The message could not be delivered in time");

    private readonly RetrySchedule _retry;
    private readonly TimeSpan _delayNotice;

    /// <summary>Makes a judge that goes by a schedule.</summary>
    public AttemptJudge(RetrySchedule retry, TimeSpan delayNotice)
    {
        _retry = retry;
        _delayNotice = delayNotice;
    }

    /// <summary>Age at which a message is given up.</summary>
    public TimeSpan MaxAge => _retry.MaxAge;

    /// <summary>Judges an attempt.</summary>
    /// <param name="item">The item as it was.</param>
    /// <param name="open">For whom the attempt was.</param>
    /// <param name="report">How it went; a recipient that it does not mention stays open.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">A random number from 0 up to 1.</param>
    public Judgement Judge(QueueItem item, OpenRecipients open, DeliveryReport report, DateTimeOffset now, double random)
    {
        DeliveryState old = item.State;
        TimeSpan age = now - item.Envelope.ReceivedAt;
        TimeSpan? delay = _retry.GetDelay(OutcomeKind.Transient, old.Attempts + 1, age, random);
        DateTimeOffset due = now + (delay ?? TimeSpan.Zero);
        RecipientStatus[] states = [.. old.Recipients];
        List<ReportedRecipient>? reports = null;
        int delivered = 0, deferred = 0, failed = 0;
        bool expired = false;
        for (int i = 0; i < open.Recipients.Count; i++)
        {
            RecipientOutcome outcome = i < report.Outcomes.Count ? report.Outcomes[i] : NoOutcome;
            bool givenUp = outcome.Kind == OutcomeKind.Transient && delay is null;
            RecipientPhase phase = outcome.Kind switch
            {
                OutcomeKind.Delivered => RecipientPhase.Delivered,
                OutcomeKind.Permanent => RecipientPhase.Failed,
                _ => givenUp ? RecipientPhase.Failed : RecipientPhase.Open,
            };
            states[open.IndexOf(i)] = new RecipientStatus(phase, outcome.Reply, outcome.RemoteName);
            delivered += phase == RecipientPhase.Delivered ? 1 : 0;
            deferred += phase == RecipientPhase.Open ? 1 : 0;
            failed += phase == RecipientPhase.Failed ? 1 : 0;
            expired |= givenUp;
            if (phase != RecipientPhase.Delivered || !outcome.ReportsSuccess)
                Report(ref reports, open.Recipients[i], phase, states[open.IndexOf(i)], givenUp);
        }

        bool delayNotice = deferred > 0 && TryReportDelay(item, states, age, ref reports);
        return new Judgement
        {
            State = new DeliveryState
            {
                Version = old.Version + 1,
                Attempts = old.Attempts + 1,
                DueAt = due,
                Recipients = states,
                DelayNoticeSent = old.DelayNoticeSent || delayNotice,
            },
            Delivered = delivered,
            Deferred = deferred,
            Failed = failed,
            Expired = expired,
            Reports = reports,
        };
    }

    /// <summary>
    /// Judges an item whose hop has been suspended for long: given up where it has expired, a delay notice where one is due and asked for,
    /// else null. This uses up no attempt.
    /// </summary>
    /// <param name="item">The item as it is.</param>
    /// <param name="trouble">What the hop, or the network, said last.</param>
    /// <param name="now">The time.</param>
    public Judgement? Review(QueueItem item, RecipientOutcome trouble, DateTimeOffset now)
    {
        DeliveryState old = item.State;
        TimeSpan age = now - item.Envelope.ReceivedAt;
        RecipientStatus[] states = [.. old.Recipients];
        List<ReportedRecipient>? reports = null;
        bool expired = age >= _retry.MaxAge;
        int given = 0;
        for (int i = 0; i < states.Length; i++)
        {
            if (states[i].Phase != RecipientPhase.Open)
                continue;
            SmtpReply reply = trouble.Reply.IsNone ? states[i].LastReply : trouble.Reply;
            states[i] = new RecipientStatus(RecipientPhase.Open, reply.IsNone ? NoReply : reply, trouble.RemoteName ?? states[i].RemoteName);
            if (!expired)
                continue;
            states[i] = states[i] with { Phase = RecipientPhase.Failed };
            given++;
            Report(ref reports, item.Envelope.Recipients[i], RecipientPhase.Failed, states[i], givenUp: true);
        }

        bool delayNotice = !expired && TryReportDelay(item, states, age, ref reports);
        if (!expired && !delayNotice)
            return null;
        return new Judgement
        {
            State = old with { Version = old.Version + 1, DueAt = now, Recipients = states, DelayNoticeSent = old.DelayNoticeSent || delayNotice },
            Failed = given,
            Expired = expired,
            Reports = reports,
        };
    }

    // RFC 3461 section 4.1: without NOTIFY failures are reported, success and delay only where asked for.
    private static void Report(ref List<ReportedRecipient>? reports, Recipient recipient, RecipientPhase phase, RecipientStatus status, bool givenUp)
    {
        bool wanted = phase switch
        {
            RecipientPhase.Failed => recipient.Notify == DsnNotify.Unspecified || recipient.Notify.HasFlag(DsnNotify.Failure),
            RecipientPhase.Delivered => recipient.Notify.HasFlag(DsnNotify.Success),
            _ => false,
        };
        if (!wanted || recipient.Notify.HasFlag(DsnNotify.Never))
            return;
        ReportAction action = phase == RecipientPhase.Failed ? ReportAction.Failed : ReportAction.Relayed;
        (reports ??= []).Add(new ReportedRecipient(recipient, action, status.LastReply, status.RemoteName, givenUp));
    }

    private bool TryReportDelay(QueueItem item, RecipientStatus[] states, TimeSpan age, ref List<ReportedRecipient>? reports)
    {
        if (item.State.DelayNoticeSent || age < _delayNotice)
            return false;
        bool any = false;
        for (int i = 0; i < states.Length; i++)
        {
            Recipient recipient = item.Envelope.Recipients[i];
            if (states[i].Phase != RecipientPhase.Open || !recipient.Notify.HasFlag(DsnNotify.Delay))
                continue;
            (reports ??= []).Add(new ReportedRecipient(recipient, ReportAction.Delayed, states[i].LastReply, states[i].RemoteName, GivenUp: false));
            any = true;
        }

        return any;
    }
}
