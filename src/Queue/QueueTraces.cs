using System.Diagnostics;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Delivery;

namespace SlimtaFast.Queue;

/// <summary>The activities of the source <c>SlimtaFast.Queue</c>. All of it is null, and costs nothing, while nobody listens. Thread-safe.</summary>
internal static class QueueTraces
{
    private static readonly ActivitySource Source = new("SlimtaFast.Queue");

    /// <summary>A message is written to the storage, within the activity that is current.</summary>
    public static Activity? BeginStore(QueueItem[] items)
    {
        if (!Source.HasListeners())
            return null;
        Activity? activity = Source.StartActivity("store");
        activity?.SetTag("slimtafast.queue_id", items[0].Envelope.Id.ToString()).SetTag("slimtafast.items", items.Length);
        return activity;
    }

    /// <summary>
    /// An attempt begins: in the message's own trace where it has one, whichever process received it and however long ago, else in one of its own.
    /// </summary>
    public static Activity? BeginAttempt(Envelope envelope, string hop, int attempt)
    {
        if (!Source.HasListeners())
            return null;
        // Whatever happens to be current here is about something else.
        Activity.Current = null;
        // Sessions are not stored: a message without one was read back, perhaps from another process.
        ActivityContext.TryParse(envelope.Client.TraceParent, null, isRemote: envelope.Client.Session.IsNone, out ActivityContext parent);
        Activity? activity = Source.StartActivity("deliver", ActivityKind.Internal, parent);
        activity?.SetTag("slimtafast.queue_id", envelope.Id.ToString())
            .SetTag("slimtafast.session_id", envelope.Client.Session.ToString())
            .SetTag("slimtafast.next_hop", hop)
            .SetTag("slimtafast.attempt", attempt);
        return activity;
    }

    /// <summary>How an attempt ended.</summary>
    public static void Tell(Activity? activity, Judgement judgement, RecipientOutcome first)
    {
        if (activity is not { IsAllDataRequested: true })
            return;
        activity.SetTag("slimtafast.delivered", judgement.Delivered)
            .SetTag("slimtafast.deferred", judgement.Deferred)
            .SetTag("slimtafast.bounced", judgement.Failed)
            .SetTag("smtp.response.code", (int)first.Reply.Code)
            .SetTag("server.address", first.RemoteName);
        if (judgement.Delivered == 0)
            activity.SetStatus(ActivityStatusCode.Error, first.Reply.ToString());
    }
}
