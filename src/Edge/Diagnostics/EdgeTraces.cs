using System.Diagnostics;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>The activities of the source <c>SlimtaFast.Edge</c>. Thread-safe.</summary>
internal static class EdgeTraces
{
    private static readonly ActivitySource Source = new("SlimtaFast.Edge");

    /// <summary>True where somebody listens.</summary>
    public static bool AreWanted => Source.HasListeners();

    /// <summary>A message is complete: its trace begins. Call it in an asynchronous method, whose end puts back what was current.</summary>
    public static Activity? BeginMessage(SmtpServerSession session)
    {
        if (!Source.HasListeners())
            return null;
        // Messages of one session are not parts of each other.
        Activity.Current = null;
        Activity? activity = Source.StartActivity("receive", ActivityKind.Server);
        activity?.SetTag("slimtafast.session_id", session.Id.ToString())
            .SetTag("client.address", session.Client.Address?.ToString())
            .SetTag("network.protocol.name", session.Client.Protocol);
        return activity;
    }

    /// <summary>The facts of a client with the trace that its message belongs to.</summary>
    public static ClientFacts Mark(ClientFacts client, Activity? activity) => activity is null ? client : client with { TraceParent = activity.Id };

    /// <summary>How a message was answered.</summary>
    public static void Tell(Activity? activity, SmtpReply reply)
    {
        if (reply.IsNone || activity is not { IsAllDataRequested: true })
            return;
        activity.SetTag("smtp.response.code", (int)reply.Code);
        if (!reply.IsPositive)
            activity.SetStatus(ActivityStatusCode.Error, reply.ToString());
    }
}
