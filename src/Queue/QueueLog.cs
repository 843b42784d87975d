using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Delivery;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue;

/// <summary>What the queue logs: one line for each accepted message and each attempt, and all trouble. Event ids 3000 to 3099.</summary>
internal static partial class QueueLog
{
    /// <summary>A message was accepted.</summary>
    public static void Accepted(ILogger logger, Envelope envelope, int items)
    {
        if (logger.IsEnabled(LogLevel.Information))
            Accepted(logger, envelope.Id, envelope.ReversePath, envelope.Recipients.Count, items, envelope.Length, envelope.Client.Address?.ToString(), envelope.Client.HelloName, envelope.Client.Protocol, envelope.Client.Identity ?? "none", envelope.Client.Session);
    }

    /// <summary>An attempt ended.</summary>
    public static void Attempted(ILogger logger, in QueueWork work, QueueItem item, Judgement judgement, RecipientOutcome first, TimeSpan took)
    {
        if (!logger.IsEnabled(LogLevel.Information))
            return;
        string tls = first.Tls ?? "none";
        SessionId session = item.Envelope.Client.Session;
        if (judgement.Deferred == 0)
            Attempted(logger, work.Id, work.Hop.Name, judgement.State.Attempts, judgement.Delivered, judgement.Failed, first.RemoteName, first.Reply, tls, took.TotalMilliseconds, session);
        else
            Deferred(logger, work.Id, work.Hop.Name, judgement.State.Attempts, judgement.Delivered, judgement.Deferred, judgement.State.DueAt, judgement.Failed, first.RemoteName, first.Reply, tls, took.TotalMilliseconds, session);
    }

    /// <summary>A message was relayed, or not, while its client waited.</summary>
    public static void Proxied(ILogger logger, Envelope envelope, DeliveryReport report, TimeSpan took)
    {
        if (!logger.IsEnabled(LogLevel.Information))
            return;
        int delivered = 0;
        RecipientOutcome told = default;
        foreach (RecipientOutcome outcome in report.Outcomes)
        {
            bool isDelivered = outcome.Kind == OutcomeKind.Delivered;
            delivered += isDelivered ? 1 : 0;
            if (told.Reply.IsNone || !isDelivered)
                told = outcome;
        }

        Proxied(logger, envelope.Id, envelope.Domain, delivered, envelope.Recipients.Count - delivered, told.RemoteName, told.Reply, told.Tls ?? "none", took.TotalMilliseconds, envelope.Client.Session);
    }

    /// <summary>An item of a suspended hop expired, or its delay was reported.</summary>
    public static void Reviewed(ILogger logger, in QueueWork work, QueueItem item, Judgement judgement)
    {
        if (logger.IsEnabled(LogLevel.Information))
            Reviewed(logger, work.Id, work.Hop.Name, judgement.Failed, judgement.State.DelayNoticeSent, item.Envelope.Client.Session);
    }

    /// <summary>An attempt found its hop down.</summary>
    public static void HopDown(ILogger logger, Envelope envelope, string hop, RecipientOutcome trouble)
    {
        if (logger.IsEnabled(LogLevel.Information))
            HopDown(logger, envelope.Id, hop, trouble.RemoteName, trouble.Reply, envelope.Client.Session);
    }

    /// <summary>The relay could not name a next hop.</summary>
    [LoggerMessage(3010, LogLevel.Error, "No next hop for {Domain}")]
    public static partial void NoNextHop(ILogger logger, string domain, Exception exception);

    /// <summary>The relay threw.</summary>
    [LoggerMessage(3011, LogLevel.Error, "{Id} attempt by way of {Hop} failed here; it counts as transient, session {Session}")]
    public static partial void RelayFailed(ILogger logger, QueueId id, string hop, SessionId session, Exception exception);

    /// <summary>An item could not be read back.</summary>
    [LoggerMessage(3012, LogLevel.Error, "{Id} could not be read back; it is tried again")]
    public static partial void ReadFailed(ILogger logger, QueueId id, Exception exception);

    /// <summary>An outcome could not be recorded.</summary>
    [LoggerMessage(3013, LogLevel.Error, "{Id} outcome could not be recorded; given up: {GivenUp}")]
    public static partial void RecordingFailed(ILogger logger, QueueId id, bool givenUp, Exception exception);

    /// <summary>The queue is stopped while attempts run.</summary>
    [LoggerMessage(3014, LogLevel.Warning, "Cutting {Attempts} attempts short: the time to finish is over")]
    public static partial void CuttingAttempts(ILogger logger, int attempts);

    /// <summary>Work did not end although it was cut short.</summary>
    [LoggerMessage(3024, LogLevel.Error, "Stopping although {Works} pieces of work have not ended; their items are in storage")]
    public static partial void LeavingWork(ILogger logger, int works);

    /// <summary>The queue itself is at fault.</summary>
    [LoggerMessage(3025, LogLevel.Critical, "{Id} work on it broke off by a fault of the queue; it is left alone until the next start")]
    public static partial void WorkBroke(ILogger logger, QueueId id, Exception exception);

    /// <summary>A message could not be stored.</summary>
    [LoggerMessage(3015, LogLevel.Error, "{Id} could not be stored: {Failure}, {Trouble}, session {Session}")]
    public static partial void StoringFailed(ILogger logger, QueueId id, StorageFailure failure, string trouble, SessionId session, Exception? exception);

    /// <summary>A policy threw, or a content could not be read.</summary>
    [LoggerMessage(3016, LogLevel.Error, "{Id} could not be prepared for the queue, session {Session}")]
    public static partial void PreparingFailed(ILogger logger, QueueId id, SessionId session, Exception exception);

    /// <summary>The scanner was away.</summary>
    [LoggerMessage(3050, LogLevel.Warning, "{Id} was not scanned ({Treatment}): {Reason}")]
    public static partial void NotScanned(ILogger logger, QueueId id, UnscannedMail treatment, string reason);

    /// <summary>What may have been stored of a refused message could not be removed.</summary>
    [LoggerMessage(3017, LogLevel.Error, "{Id} was refused but may be stored, and could not be removed: {What}")]
    public static partial void RemovingFailed(ILogger logger, QueueId id, string what, Exception? exception);

    /// <summary>A message was refused by the queue.</summary>
    [LoggerMessage(3018, LogLevel.Information, "{Id} refused: {Reply}, session {Session}")]
    public static partial void Refused(ILogger logger, QueueId id, SmtpReply reply, SessionId session);

    /// <summary>The items in storage could not be listed.</summary>
    [LoggerMessage(3019, LogLevel.Error, "Loading stopped after {Items} items; it goes on in a while")]
    public static partial void LoadingFailed(ILogger logger, int items, Exception exception);

    /// <summary>All items in storage are known.</summary>
    [LoggerMessage(3020, LogLevel.Information, "Loaded {Items} items in {Seconds:0.0} s")]
    public static partial void Loaded(ILogger logger, int items, double seconds);

    /// <summary>A report could not be delivered, and is not reported in turn.</summary>
    [LoggerMessage(3021, LogLevel.Warning, "{Id} with the null reverse-path failed for {Recipients} recipients and was dropped: {Reply}")]
    public static partial void DoubleBounce(ILogger logger, QueueId id, int recipients, SmtpReply reply);

    /// <summary>A report could not return the message.</summary>
    [LoggerMessage(3022, LogLevel.Error, "{Id} could not be read for its report, which goes out without it")]
    public static partial void NothingToReturn(ILogger logger, QueueId id, Exception exception);

    /// <summary>A report was made.</summary>
    [LoggerMessage(3023, LogLevel.Information, "{Id} reported to {Sender} by {Report}")]
    public static partial void Reported(ILogger logger, QueueId id, Mailbox sender, QueueId report);

    /// <summary>An item may be another process's.</summary>
    [LoggerMessage(3030, LogLevel.Warning, "{Id} was not attempted, or not to the end: its lease could not be kept, and another process may have it")]
    public static partial void LeaseLost(ILogger logger, QueueId id);

    /// <summary>An outcome was refused.</summary>
    [LoggerMessage(3031, LogLevel.Warning, "{Id} belongs to another process by now: the outcome here ({Delivered} delivered) was not recorded")]
    public static partial void OutcomeRefused(ILogger logger, QueueId id, int delivered);

    /// <summary>Leases could not be renewed.</summary>
    [LoggerMessage(3032, LogLevel.Warning, "The leases of {Count} items could not be renewed; it is tried again")]
    public static partial void RenewingFailed(ILogger logger, int count, Exception exception);

    /// <summary>Items could not be given back.</summary>
    [LoggerMessage(3033, LogLevel.Warning, "{Count} items could not be given back; their leases end by themselves")]
    public static partial void ReleasingFailed(ILogger logger, int count, Exception exception);

    /// <summary>Nothing could be claimed.</summary>
    [LoggerMessage(3034, LogLevel.Warning, "The storage did not say what is due; it is asked again")]
    public static partial void ClaimingFailed(ILogger logger, Exception exception);

    /// <summary>An operator's order for an item is carried out.</summary>
    [LoggerMessage(3040, LogLevel.Information, "{Id} {Action} by order of {By}")]
    public static partial void Ordered(ILogger logger, QueueId id, QueueAction action, string by);

    /// <summary>An item goes another way by an operator's order.</summary>
    [LoggerMessage(3047, LogLevel.Information, "{Id} goes by the route of {Domain} by order of {By}")]
    public static partial void Rerouted(ILogger logger, QueueId id, string domain, string by);

    /// <summary>An operator's order came to its end.</summary>
    [LoggerMessage(3041, LogLevel.Information, "Order {Action} by {By} for {Items} items: {Done} done")]
    public static partial void OrderEnded(ILogger logger, QueueAction action, string by, int items, int done);

    /// <summary>An item could not be read for an operator's order.</summary>
    [LoggerMessage(3042, LogLevel.Error, "{Id} could not be read: nothing was done of {Action}")]
    public static partial void OrderFailed(ILogger logger, QueueId id, QueueAction action, Exception exception);

    /// <summary>An operator suspended a next hop.</summary>
    [LoggerMessage(3043, LogLevel.Warning, "{Hop} is suspended by order of {By}")]
    public static partial void HopStopped(ILogger logger, string hop, string by);

    /// <summary>An operator ended a suspension.</summary>
    [LoggerMessage(3044, LogLevel.Information, "{Hop} is used again by order of {By}")]
    public static partial void HopStarted(ILogger logger, string hop, string by);

    /// <summary>An operator paused deliveries.</summary>
    [LoggerMessage(3045, LogLevel.Warning, "All deliveries are paused by order of {By}")]
    public static partial void Paused(ILogger logger, string by);

    /// <summary>An operator ended the pause.</summary>
    [LoggerMessage(3046, LogLevel.Information, "Deliveries go on by order of {By}")]
    public static partial void Resumed(ILogger logger, string by);

    [LoggerMessage(3000, LogLevel.Information, "{Id} accepted from <{Sender}>, {Recipients} recipients, {Items} items, {Octets} octets, client {Client} {Hello} {Protocol}, user {User}, session {Session}")]
    private static partial void Accepted(ILogger logger, QueueId id, Mailbox sender, int recipients, int items, long octets, string? client, string hello, string protocol, string user, SessionId session);

    [LoggerMessage(3001, LogLevel.Information, "{Id} attempt {Attempt} to {Hop}: {Delivered} delivered, {Failed} failed; {Remote} said {Reply}, TLS {Tls}, {Milliseconds:0} ms, session {Session}")]
    private static partial void Attempted(
        ILogger logger, QueueId id, string hop, int attempt, int delivered, int failed, string? remote, SmtpReply reply, string tls, double milliseconds, SessionId session);

    [LoggerMessage(3004, LogLevel.Information, "{Id} attempt {Attempt} to {Hop}: {Delivered} delivered, {Deferred} deferred until {Due:u}, {Failed} failed; {Remote} said {Reply}, TLS {Tls}, {Milliseconds:0} ms, session {Session}")]
    private static partial void Deferred(
        ILogger logger, QueueId id, string hop, int attempt, int delivered, int deferred, DateTimeOffset due, int failed, string? remote, SmtpReply reply, string tls, double milliseconds, SessionId session);

    [LoggerMessage(3005, LogLevel.Information, "{Id} relayed to {Domain} while its client waits: {Delivered} delivered, {Refused} refused; {Remote} said {Reply}, TLS {Tls}, {Milliseconds:0} ms, session {Session}")]
    private static partial void Proxied(
        ILogger logger, QueueId id, string domain, int delivered, int refused, string? remote, SmtpReply reply, string tls, double milliseconds, SessionId session);

    [LoggerMessage(3002, LogLevel.Information, "{Id} waits for {Hop}, which is down: {Failed} recipients expired, delay reported: {DelayReported}, session {Session}")]
    private static partial void Reviewed(ILogger logger, QueueId id, string hop, int failed, bool delayReported, SessionId session);

    [LoggerMessage(3003, LogLevel.Information, "{Id} found {Hop} down and waits for it; {Remote} said {Reply}, session {Session}")]
    private static partial void HopDown(ILogger logger, QueueId id, string hop, string? remote, SmtpReply reply, SessionId session);
}
