using SlimtaFast.Mail;
using SlimtaFast.Queue;

namespace Policy;

/// <summary>Labels each message by its size, and refuses large ones for mailboxes whose name begins with "sms-".</summary>
internal sealed class SizeLabel(long large) : IQueuePolicy
{
    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        bool isLarge = message.Length > large;
        if (isLarge && message.Envelope.Recipients.Any(recipient => recipient.Address.LocalPart.StartsWith("sms-", StringComparison.OrdinalIgnoreCase)))
            message.Refuse(new SmtpReply(552, "5.3.4", "Too large for a telephone"));
        else
            message.PrependFields(isLarge ? "X-Size: large\r\n"u8 : "X-Size: small\r\n"u8);
        return ValueTask.CompletedTask;
    }
}
