using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>What became of a message handed to a queue. Immutable.</summary>
public readonly record struct EnqueueResult
{
    /// <summary>The same answer for every recipient.</summary>
    public EnqueueResult(SmtpReply reply) => Reply = reply;

    /// <summary>An answer for each recipient in the envelope's order; <paramref name="reply"/> is the one for SMTP, which knows one only.</summary>
    public EnqueueResult(SmtpReply reply, IReadOnlyList<SmtpReply> perRecipient)
    {
        Reply = reply;
        PerRecipient = perRecipient;
    }

    /// <summary>The answer to the message as a whole: positive only where every recipient's is.</summary>
    public SmtpReply Reply { get; }

    /// <summary>Answers for each recipient, or null where all are <see cref="Reply"/>.</summary>
    public IReadOnlyList<SmtpReply>? PerRecipient { get; }
}
