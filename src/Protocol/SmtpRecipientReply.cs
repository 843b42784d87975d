using SlimtaFast.Mail;

namespace SlimtaFast.Protocol;

/// <summary>The reply that decided over a recipient. Immutable.</summary>
/// <param name="Reply">The reply; none where the session failed before there was one.</param>
/// <param name="Stage">To what it was the answer.</param>
public readonly record struct SmtpRecipientReply(SmtpReply Reply, SmtpClientStage Stage);
