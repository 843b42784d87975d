using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Bounces;

/// <summary>What a report says. Immutable.</summary>
/// <param name="Id">The report's own id.</param>
/// <param name="Original">The message that it is about.</param>
/// <param name="Addressee">Who gets it.</param>
/// <param name="Action">What happened to the recipients.</param>
/// <param name="Recipients">To whom it happened.</param>
/// <param name="Now">When.</param>
internal sealed record ReportFacts(
    QueueId Id, Envelope Original, Mailbox Addressee, ReportAction Action, IReadOnlyList<ReportedRecipient> Recipients, DateTimeOffset Now);
