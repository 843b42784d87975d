using SlimtaFast.Mail;
using SlimtaFast.Queue.Bounces;

namespace SlimtaFast.Queue.Delivery;

/// <summary>Turns what an attempt brought into an item's next state. Pure.</summary>
internal sealed class AttemptJudge
{
    private static readonly RecipientOutcome NoOutcome =
        new(OutcomeKind.Transient, new SmtpReply(451, "4.3.0", "The relay told no outcome"));

    private static readonly SmtpReply NoReply = new(451, "4.4.7", "The message could not be delivered in time");

    /// <summary>What becomes of a message that was to be returned when it is late, and is.</summary>
    public static readonly RecipientOutcome TooLate = new(
        OutcomeKind.Permanent, new SmtpReply(554, "5.4.7", "The message could not be delivered within the time that its sender set"));

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

    /// <summary>True where the message's deadline has passed and nothing was done about that yet (RFC 2852).</summary>
    public static bool IsOverdue(QueueItem item, DateTimeOffset now) =>
        item.Envelope.Terms?.By is { IsPast: false } by && now >= by.Deadline && item.State.DueAt <= by.Deadline;

    /// <summary>
    /// True where the attempt found the hop down: it does not count, because a host that cannot be reached is tried again by its own schedule, whichever message found out
    /// (RFC 5321 section 4.5.4.1).
    /// </summary>
    public static bool NeverBegan(DeliveryReport report)
    {
        if (report.Hop != HopCondition.Down || report.PossiblyDelivered)
            return false;
        foreach (RecipientOutcome outcome in report.Outcomes)
        {
            if (outcome.Kind != OutcomeKind.Transient)
                return false;
        }

        return true;
    }

    /// <summary>Judges an attempt.</summary>
    /// <param name="item">The item as it was.</param>
    /// <param name="open">For whom the attempt was.</param>
    /// <param name="report">How it went; a recipient that it does not mention stays open.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">A random number from 0 up to 1.</param>
    public Judgement Judge(QueueItem item, OpenRecipients open, DeliveryReport report, DateTimeOffset now, double random)
    {
        DeliveryState old = item.State;
        DeliverBy? by = item.Envelope.Terms?.By;
        bool overdue = IsOverdue(item, now);
        TimeSpan age = now - item.Envelope.ReleasedAt;
        TimeSpan? delay = _retry.GetDelay(OutcomeKind.Transient, old.Attempts + 1, age, random);
        DateTimeOffset due = by is null ? now + (delay ?? TimeSpan.Zero) : KeepDeadline(by, now, now + (delay ?? TimeSpan.Zero));
        RecipientStatus[] states = [.. old.Recipients];
        List<ReportedRecipient>? reports = null;
        int delivered = 0, deferred = 0, failed = 0;
        bool expired = false;
        for (int i = 0; i < open.Recipients.Count; i++)
        {
            RecipientOutcome outcome = i < report.Outcomes.Count ? report.Outcomes[i] : NoOutcome;
            if (outcome.Kind == OutcomeKind.Transient && by is not null && by.HasToReturn(now))
                outcome = TooLate;
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
            bool isTraced = by is not null && (by.Trace || (by.Mode == DeliverByMode.Notify && !outcome.KeepsDeadline && !outcome.IsFinal));
            if (phase != RecipientPhase.Delivered || !outcome.ReportsSuccess || isTraced)
                Report(ref reports, open.Recipients[i], phase, states[open.IndexOf(i)], outcome, givenUp, isTraced);
        }

        if (overdue && deferred > 0)
            ReportDelay(item, states, asked: false, ref reports);
        bool delayNotice = deferred > 0 && TryReportDelay(item, states, age, overdue, ref reports);
        return new Judgement
        {
            State = new DeliveryState
            {
                Version = old.Version + 1,
                Attempts = old.Attempts + 1,
                DueAt = due,
                Recipients = states,
                DelayNoticeSent = old.DelayNoticeSent || delayNotice,
                RoutingDomain = old.RoutingDomain,
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
        bool overdue = IsOverdue(item, now);
        bool returns = overdue && item.Envelope.Terms!.By!.HasToReturn(now);
        TimeSpan age = now - item.Envelope.ReleasedAt;
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
            if (!expired && !returns)
                continue;
            states[i] = returns ? new RecipientStatus(RecipientPhase.Failed, TooLate.Reply) : states[i] with { Phase = RecipientPhase.Failed };
            given++;
            Report(ref reports, item.Envelope.Recipients[i], RecipientPhase.Failed, states[i], default, givenUp: !returns);
        }

        bool goesOn = !expired && !returns;
        if (goesOn && overdue)
            ReportDelay(item, states, asked: false, ref reports);
        bool delayNotice = goesOn && TryReportDelay(item, states, age, overdue, ref reports);
        if (goesOn && !delayNotice && !overdue)
            return null;
        return new Judgement
        {
            State = old with { Version = old.Version + 1, DueAt = overdue ? KeepDeadline(item.Envelope.Terms!.By!, now, now) : now, Recipients = states, DelayNoticeSent = old.DelayNoticeSent || delayNotice },
            Failed = given,
            Expired = expired,
            Reports = reports,
        };
    }

    // Nothing waits past its deadline; and behind the deadline a state shows by its due time that it was made then.
    private static DateTimeOffset KeepDeadline(DeliverBy by, DateTimeOffset now, DateTimeOffset due)
    {
        if (by.IsPast)
            return due;
        DateTimeOffset deadline = by.Deadline;
        if (now < deadline)
            return due < deadline ? due : deadline;
        return due > deadline ? due : deadline.AddTicks(1);
    }

    // RFC 3461 section 4.1: without NOTIFY failures are reported, success and delay only where asked for. RFC 2852 section 4: being passed on
    // is reported too where the sender asked for a trace, or the next hop does not know of the deadline.
    private static void Report(
        ref List<ReportedRecipient>? reports, Recipient recipient, RecipientPhase phase, RecipientStatus status, RecipientOutcome outcome, bool givenUp, bool isTraced = false)
    {
        bool wanted = phase switch
        {
            RecipientPhase.Failed => recipient.Notify == DsnNotify.Unspecified || recipient.Notify.HasFlag(DsnNotify.Failure),
            RecipientPhase.Delivered => isTraced || (recipient.Notify.HasFlag(DsnNotify.Success) && !outcome.ReportsSuccess),
            _ => false,
        };
        if (!wanted || recipient.Notify.HasFlag(DsnNotify.Never))
            return;
        ReportAction action = phase == RecipientPhase.Failed ? ReportAction.Failed : outcome.IsFinal ? ReportAction.Delivered : ReportAction.Relayed;
        (reports ??= []).Add(new ReportedRecipient(recipient, action, status.LastReply, status.RemoteName, givenUp));
    }

    // Where the deadline was reported just now, that report says all there is to say.
    private bool TryReportDelay(QueueItem item, RecipientStatus[] states, TimeSpan age, bool isReported, ref List<ReportedRecipient>? reports)
    {
        if (item.State.DelayNoticeSent || age < _delayNotice)
            return false;
        return isReported || ReportDelay(item, states, asked: true, ref reports);
    }

    // A delay is reported to those who asked for it by NOTIFY=DELAY; a missed deadline also where there is no NOTIFY.
    private static bool ReportDelay(QueueItem item, RecipientStatus[] states, bool asked, ref List<ReportedRecipient>? reports)
    {
        bool any = false;
        for (int i = 0; i < states.Length; i++)
        {
            Recipient recipient = item.Envelope.Recipients[i];
            bool wanted = recipient.Notify.HasFlag(DsnNotify.Delay) || (!asked && recipient.Notify == DsnNotify.Unspecified);
            if (states[i].Phase != RecipientPhase.Open || !wanted)
                continue;
            (reports ??= []).Add(new ReportedRecipient(recipient, ReportAction.Delayed, states[i].LastReply, states[i].RemoteName, GivenUp: false));
            any = true;
        }

        return any;
    }
}
