namespace SlimtaFast.Mail;

/// <summary>Where one recipient of a queued item stands. Immutable.</summary>
/// <param name="Phase">Open, delivered, or failed for good.</param>
/// <param name="LastReply">What the last attempt was told, or no reply before the first.</param>
/// <param name="RemoteName">Who told it, or null.</param>
public readonly record struct RecipientStatus(RecipientPhase Phase, SmtpReply LastReply = default, string? RemoteName = null);
