namespace SlimtaFast.Mail;

/// <summary>How an attempt ended for one recipient, and in whose words. Immutable.</summary>
/// <param name="Kind">Delivered, transient or permanent.</param>
/// <param name="Reply">The next hop's reply, or one made here where it never answered.</param>
/// <param name="RemoteName">The host that answered, or null where none did.</param>
/// <param name="Tls">TLS version and cipher of the session, or null where it was in clear.</param>
/// <param name="ReportsSuccess">True where the next hop took over reporting a delivery to the sender, because it offers DSN (RFC 3461).</param>
/// <param name="KeepsDeadline">
/// True where the next hop took over the deadline of a message with one, because it offers DELIVERBY (RFC 2852).
/// </param>
/// <param name="IsFinal">True where the message is in the mailbox, because the next hop is its own (LMTP).</param>
public readonly record struct RecipientOutcome(
    OutcomeKind Kind, SmtpReply Reply, string? RemoteName = null, string? Tls = null, bool ReportsSuccess = false, bool KeepsDeadline = false, bool IsFinal = false);
