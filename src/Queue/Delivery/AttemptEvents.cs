using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Delivery;

/// <summary>Makes events of what attempts bring, one for each recipient.</summary>
internal static class AttemptEvents
{
    /// <summary>An attempt was judged.</summary>
    public static void Note(IMailEventSink events, DateTimeOffset now, string hop, QueueItem item, Judgement judgement)
    {
        for (int i = 0; i < item.State.Recipients.Count; i++)
        {
            // Who was done before had no part in it.
            if (item.State.Recipients[i].Phase == RecipientPhase.Open)
                events.Note(Make(now, hop, item.Envelope, i, judgement.State.Recipients[i], judgement.State.Attempts, Reason(judgement)));
        }
    }

    /// <summary>An item of a suspended hop was looked at: only those given up are news.</summary>
    public static void NoteReviewed(IMailEventSink events, DateTimeOffset now, string hop, QueueItem item, Judgement judgement)
    {
        for (int i = 0; i < item.State.Recipients.Count; i++)
        {
            RecipientStatus status = judgement.State.Recipients[i];
            if (item.State.Recipients[i].Phase == RecipientPhase.Open && status.Phase == RecipientPhase.Failed)
                events.Note(Make(now, hop, item.Envelope, i, status, judgement.State.Attempts, Reason(judgement)));
        }
    }

    /// <summary>An attempt never began, because the hop is down: it does not count, and all wait.</summary>
    public static void NoteHopDown(IMailEventSink events, DateTimeOffset now, string hop, QueueItem item, OpenRecipients open, DeliveryReport report)
    {
        for (int i = 0; i < open.Recipients.Count && i < report.Outcomes.Count; i++)
        {
            var status = new RecipientStatus(RecipientPhase.Open, report.Outcomes[i].Reply, report.Outcomes[i].RemoteName);
            events.Note(Make(now, hop, item.Envelope, open.IndexOf(i), status, item.State.Attempts, "hop_down"));
        }
    }

    /// <summary>The one attempt of a proxy ended; what was deferred the client tries again.</summary>
    public static void Note(IMailEventSink events, DateTimeOffset now, Envelope envelope, DeliveryReport report)
    {
        for (int i = 0; i < envelope.Recipients.Count && i < report.Outcomes.Count; i++)
        {
            RecipientOutcome outcome = report.Outcomes[i];
            RecipientPhase phase = outcome.Kind switch
            {
                OutcomeKind.Delivered => RecipientPhase.Delivered,
                OutcomeKind.Permanent => RecipientPhase.Failed,
                _ => RecipientPhase.Open,
            };
            events.Note(Make(now, envelope.Domain, envelope, i, new RecipientStatus(phase, outcome.Reply, outcome.RemoteName), 1, null));
        }
    }

    private static string? Reason(Judgement judgement) => judgement.Expired ? "expired" : null;

    private static MailEvent Make(DateTimeOffset now, string hop, Envelope envelope, int recipient, RecipientStatus status, int attempt, string? reason) => new()
    {
        Time = now,
        Kind = status.Phase switch
        {
            RecipientPhase.Delivered => MailEventKind.Delivered,
            RecipientPhase.Failed => MailEventKind.Bounced,
            _ => MailEventKind.Deferred,
        },
        Id = envelope.Id,
        Session = envelope.Client.Session,
        Sender = envelope.ReversePath,
        Recipient = envelope.Recipients[recipient].Address,
        NextHop = hop,
        RemoteName = status.RemoteName,
        Reply = status.LastReply,
        Attempt = attempt,
        Client = envelope.Client.Address,
        Reason = status.Phase == RecipientPhase.Delivered ? null : reason,
    };
}
