using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Bounces;

/// <summary>One recipient in a report. Immutable.</summary>
/// <param name="Recipient">Whom the message was for.</param>
/// <param name="Action">What happened.</param>
/// <param name="Reply">What the remote said last, or what was said here where none answered.</param>
/// <param name="RemoteName">The remote, or null where none answered.</param>
/// <param name="GivenUp">True where it failed because no further attempt is due.</param>
internal sealed record ReportedRecipient(Recipient Recipient, ReportAction Action, SmtpReply Reply, string? RemoteName, bool GivenUp);
