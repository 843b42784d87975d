using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>RCPT (RFC 5321 section 4.1.1.3): adds a recipient.</summary>
internal sealed class RecipientStep : CommandStep
{
    /// <inheritdoc/>
    public override bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer)
    {
        answer = default;
        if (dialogue.IsPipelinedUnasked())
            return false;
        MailTransaction transaction = dialogue.Transaction!;
        Canned error = PathParser.TryParseRecipient(command.Argument, out Mailbox mailbox, out ReadOnlySpan<byte> text);
        var parameters = default(RecipientParameters);
        if (error == Canned.None)
            error = RecipientParameters.TryParse(text, out parameters);
        if (error == Canned.None && !command.IsAscii && !transaction.SmtpUtf8)
            error = Canned.Utf8NotAnnounced;
        if (error == Canned.None && transaction.Recipients.Count >= dialogue.Options.MaxRecipients)
            error = Canned.TooManyRecipients;
        if (error == Canned.None && dialogue.Options.MaxDomainsPerMessage > 0 && dialogue.IsDomainTooMany(mailbox))
            error = Canned.TooManyDomains;
        if (error != Canned.None)
        {
            dialogue.Reply(error);
            return false;
        }

        var recipient = new Recipient(mailbox, parameters.Notify, parameters.OriginalRecipient);
        dialogue.PendingRecipient = recipient;
        answer = dialogue.Handler.OnRecipientAsync(dialogue.Session, transaction, recipient, CancellationToken.None);
        return true;
    }

    /// <inheritdoc/>
    public override void Finish(ServerDialogue dialogue, in SmtpReply answer)
    {
        Recipient recipient = dialogue.PendingRecipient!;
        dialogue.PendingRecipient = null;
        if (answer.IsNone || (answer.IsPositive && !answer.Closes))
        {
            dialogue.Transaction!.Add(recipient);
            dialogue.NoteDomain(recipient.Address);
            dialogue.State = DialogueState.Recipients;
        }

        dialogue.ReplyOr(answer, Canned.RecipientOk);
    }
}
