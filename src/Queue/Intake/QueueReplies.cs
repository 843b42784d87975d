using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Intake;

/// <summary>What the queue answers.</summary>
internal static class QueueReplies
{
    private static readonly EnhancedStatus Accepted = new(2, 6, 0);

    /// <summary>Too many Received fields (RFC 5321 section 6.3).</summary>
    public static SmtpReply Loop { get; } = new(554, "5.4.6", "Too many hops: the message loops");

    /// <summary>The queue is being shut down.</summary>
    public static SmtpReply Stopping { get; } = new(421, "4.3.2", "Shutting down, try again later");

    /// <summary>Something here failed.</summary>
    public static SmtpReply Failed { get; } = new(451, "4.3.0", "The message could not be queued, try again later");

    /// <summary>No room.</summary>
    public static SmtpReply Full { get; } = new(452, "4.3.1", "Not enough room in the queue, try again later");

    /// <summary>A message without recipients.</summary>
    public static SmtpReply NoRecipients { get; } = new(554, "5.5.1", "No valid recipients");

    /// <summary>A header section that is too long to be edited.</summary>
    public static SmtpReply HeadersTooLong { get; } = new(554, "5.6.0", "The header section is too long");

    /// <summary>The message is on stable storage.</summary>
    public static SmtpReply Queued(QueueId id)
    {
        const string Text = "Queued as ";
        string text = string.Create(Text.Length + QueueId.PrintedLength, id, static (span, id) =>
        {
            Text.CopyTo(span);
            Span<byte> digits = stackalloc byte[QueueId.PrintedLength];
            id.Format(digits);
            System.Text.Ascii.ToUtf16(digits, span[Text.Length..], out _);
        });
        return new SmtpReply(250, Accepted, text);
    }

    /// <summary>The answer to a storage's failure.</summary>
    public static SmtpReply For(StorageFailure failure) => failure switch
    {
        StorageFailure.Full => Full,
        StorageFailure.Stopping => Stopping,
        _ => Failed,
    };
}
