using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Administration;

/// <summary>Makes events of what operators have done, one for each recipient that it is about.</summary>
internal static class OrderEvents
{
    /// <summary>An order was recorded.</summary>
    public static void Note(IMailEventSink events, DateTimeOffset now, QueueAction action, string by, string hop, QueueItem item)
    {
        for (int i = 0; i < item.State.Recipients.Count; i++)
        {
            // Who was done before had no part in it.
            if (item.State.Recipients[i].Phase == RecipientPhase.Open)
            {
                events.Note(new MailEvent
                {
                    Time = now,
                    Kind = KindOf(action),
                    Id = item.Envelope.Id,
                    Session = item.Envelope.Client.Session,
                    Sender = item.Envelope.ReversePath,
                    Recipient = item.Envelope.Recipients[i].Address,
                    NextHop = hop,
                    Attempt = item.State.Attempts,
                    Client = item.Envelope.Client.Address,
                    Reason = "operator",
                    By = by,
                });
            }
        }
    }

    /// <summary>An item is attempted now because of an order. It was not read for that, so that only its name is told.</summary>
    public static void NoteRetry(IMailEventSink events, DateTimeOffset now, string by, string hop, QueueId id) =>
        events.Note(new MailEvent { Time = now, Kind = MailEventKind.Retried, Id = id, NextHop = hop, Reason = "operator", By = by });

    private static MailEventKind KindOf(QueueAction action) => action switch
    {
        QueueAction.Hold => MailEventKind.Held,
        QueueAction.Release => MailEventKind.Released,
        QueueAction.Remove => MailEventKind.Removed,
        QueueAction.Bounce => MailEventKind.Bounced,
        QueueAction.Reroute => MailEventKind.Rerouted,
        _ => MailEventKind.Retried,
    };
}
