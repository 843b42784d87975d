using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Relay.Outcome;

/// <summary>
/// Decides whether an answer, or the lack of one, is final. The only place that does. A 5xx is permanent and a 4xx transient, save
/// where an RFC says otherwise; whatever is not an answer is transient.
/// </summary>
internal static class ReplyClassifier
{
    private static readonly EnhancedStatus TooManyRecipients = new(5, 5, 3);

    // What large receivers write when they limit a sender; there is no code for it that all of them use.
    private static readonly SearchValues<string> SlowDownWords = SearchValues.Create(
        ["too many connections", "too many concurrent", "too many messages", "too many sessions", "too much mail", "too fast", "too quickly", "rate limit", "rate-limit", "throttl", "slow down", "server busy", "overload"],
        StringComparison.OrdinalIgnoreCase);

    // A mailbox that gets too much, and mail that has to come twice, say nothing of the hop.
    private static readonly SearchValues<string> NotTheHopWords = SearchValues.Create(["greylist", "graylist", "mailbox", "recipient", "the user"], StringComparison.OrdinalIgnoreCase);

    /// <summary>What a reply means at its stage.</summary>
    public static OutcomeKind Classify(SmtpRecipientReply answer)
    {
        SmtpReply reply = answer.Reply;
        if (reply.IsPositive)
            return OutcomeKind.Delivered;
        if (reply.IsTransient || reply.IsNone)
            return OutcomeKind.Transient;
        return IsTooManyRecipients(answer) ? OutcomeKind.Transient : OutcomeKind.Permanent;
    }

    /// <summary>
    /// True where the server takes no further recipients in this transaction, but may take this one in another. RFC 5321 section
    /// 4.5.3.1.10: 452, and 552 from servers that follow RFC 821, which is not the 552 5.2.2 of a full mailbox.
    /// </summary>
    public static bool IsTooManyRecipients(SmtpRecipientReply answer)
    {
        if (answer.Stage != SmtpClientStage.Recipient)
            return false;
        EnhancedStatus status = answer.Reply.Status;
        return answer.Reply.Code switch
        {
            452 => status.IsNone || (status.Subject == 5 && status.Detail == 3),
            552 => status.IsNone || status == TooManyRecipients,
            _ => false,
        };
    }

    /// <summary>
    /// True where a server asks for less at once: 421; 4.3.1, 4.3.2 and 4.4.5, which say that it is short of something or congested (RFC 3463); and
    /// what large receivers write into another 4xx when they limit a sender. Greylisting, and a mailbox that gets too much, are not that.
    /// </summary>
    public static bool AsksForLess(SmtpReply reply)
    {
        if (!reply.IsTransient)
            return false;
        if (reply.Code == 421)
            return true;
        EnhancedStatus status = reply.Status;
        if (status is { Subject: 3, Detail: 1 or 2 } or { Subject: 4, Detail: 5 } or { Subject: 7, Detail: 28 })
            return true;
        ReadOnlySpan<char> text = reply.Text;
        return text.ContainsAny(SlowDownWords) && !text.ContainsAny(NotTheHopWords);
    }

    /// <summary>The reply of a session that broke, in our words.</summary>
    public static SmtpReply ForFailure(SmtpClientFailure failure, SmtpClientStage stage, string? problem) => failure switch
    {
        SmtpClientFailure.Timeout => Make(new EnhancedStatus(4, 4, 2), "The next hop did not answer in time", stage, problem: null),
        SmtpClientFailure.ProtocolError => Make(new EnhancedStatus(4, 5, 0), "The next hop does not speak the protocol", stage, problem),
        SmtpClientFailure.TlsUnavailable => Make(new EnhancedStatus(4, 7, 4), "TLS is required here, and cannot be had", stage, problem),
        SmtpClientFailure.TlsFailed => Make(new EnhancedStatus(4, 7, 5), "TLS with the next hop failed", stage, problem),
        SmtpClientFailure.ContentUnavailable => Make(new EnhancedStatus(4, 3, 0), "The message could not be read", stage, problem),
        _ => Make(new EnhancedStatus(4, 4, 2), "The connection to the next hop was lost", stage, problem),
    };

    /// <summary>
    /// What a transaction that broke showed of the hop: at most that it is busy. It greeted us, so that a loss or nonsense at MAIL may be
    /// this sender's alone; were the hop taken to be down, the message would hold it up for all others and use up no attempt.
    /// </summary>
    public static HopCondition GetCondition(SmtpClientFailure failure) => failure == SmtpClientFailure.Timeout ? HopCondition.Busy : HopCondition.Up;

    private static SmtpReply Make(EnhancedStatus status, string what, SmtpClientStage stage, string? problem)
    {
        string text = problem is null ? $"{what} ({Name(stage)})" : $"{what} ({Name(stage)}): {problem}";
        return SmtpReply.FromForeignText(451, status, text);
    }

    private static string Name(SmtpClientStage stage) => stage switch
    {
        SmtpClientStage.Greeting => "greeting",
        SmtpClientStage.Hello => "hello",
        SmtpClientStage.Authentication => "AUTH",
        SmtpClientStage.Tls => "STARTTLS",
        SmtpClientStage.Mail => "MAIL",
        SmtpClientStage.Recipient => "RCPT",
        SmtpClientStage.Data => "DATA",
        SmtpClientStage.Content => "message",
        SmtpClientStage.Final => "answer to the message",
        _ => "connect",
    };
}
