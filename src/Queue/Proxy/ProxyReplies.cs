using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Proxy;

/// <summary>What a proxy answers in its own words, and how it passes on a next hop's.</summary>
internal static class ProxyReplies
{
    /// <summary>A message that its sender wants held: there is no queue to hold it in (RFC 4865 section 4).</summary>
    public static SmtpReply CannotHold { get; } = new(554, "5.3.3", "This server passes mail on at once and cannot hold it");

    /// <summary>The next hop did not answer while the client could be kept waiting.</summary>
    public static RecipientOutcome TimedOut { get; } = new(OutcomeKind.Transient, new SmtpReply(451, "4.4.2", "The next hop did not answer in time"));

    /// <summary>No turn came while the client could be kept waiting.</summary>
    public static RecipientOutcome TooMany { get; } = new(OutcomeKind.Transient, new SmtpReply(451, "4.3.2", "Too many messages are being relayed, try again later"));

    /// <summary>The relay threw.</summary>
    public static RecipientOutcome Failed { get; } = new(OutcomeKind.Transient, new SmtpReply(451, "4.3.0", "The message could not be relayed, try again later"));

    /// <summary>
    /// The next hop's reply as ours. Its class is the outcome's, which may differ: a 552 can mean "not in this transaction". 421 becomes 451,
    /// because it would end the client's session, which is another one.
    /// </summary>
    public static SmtpReply PassOn(in RecipientOutcome outcome)
    {
        SmtpReply reply = outcome.Reply;
        return outcome.Kind switch
        {
            OutcomeKind.Delivered => reply.IsPositive && !reply.Closes ? reply : new SmtpReply(250, "2.0.0", "Ok"),
            OutcomeKind.Permanent => reply.IsPermanent ? reply : Recode(554, reply),
            _ => reply.IsTransient && !reply.Closes ? reply : Recode(451, reply),
        };
    }

    /// <summary>A reply that refuses for all what only some were refused.</summary>
    public static SmtpReply ForSome(SmtpReply refusal, Mailbox refused, int delivered, int all) =>
        SmtpReply.FromForeignText(refusal.Code, refusal.Status, $"Delivered to {delivered} of {all} recipients, but not to <{refused}>: {refusal.Text}");

    private static SmtpReply Recode(int code, SmtpReply reply)
    {
        byte kind = (byte)(code / 100);
        EnhancedStatus status = reply.Status;
        return SmtpReply.FromForeignText(code, status.IsNone ? default : new EnhancedStatus(kind, status.Subject, status.Detail), reply.Text.Length == 0 ? "Refused by the next hop" : reply.Text);
    }
}
