namespace SlimtaFast.Mail;

/// <summary>One forward-path of an envelope with its delivery status parameters. Immutable.</summary>
/// <param name="Address">Whom the message is for.</param>
/// <param name="Notify">When to report to the sender.</param>
/// <param name="OriginalRecipient">The decoded ORCPT parameter as <c>type;address</c>, or null (RFC 3461 section 4.2).</param>
public sealed record Recipient(Mailbox Address, DsnNotify Notify = DsnNotify.Unspecified, string? OriginalRecipient = null);
