using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>MAIL (RFC 5321 section 4.1.1.2): opens a transaction.</summary>
internal sealed class MailStep : CommandStep
{
    /// <inheritdoc/>
    public override bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer)
    {
        answer = default;
        if (dialogue.IsPipelinedUnasked() || dialogue.IsMessageLimitPassed())
            return false;
        if (dialogue.Options.RequireTls && dialogue.Session.Connection.TlsFacts is null)
        {
            dialogue.Reply(Canned.TlsRequired);
            return false;
        }

        if (dialogue.Options.Auth is { Required: true } && dialogue.Session.Identity is null)
        {
            dialogue.Reply(Canned.AuthenticationRequired);
            return false;
        }

        Canned error = PathParser.TryParseSender(command.Argument, out Mailbox sender, out ReadOnlySpan<byte> text);
        var parameters = default(MailParameters);
        if (error == Canned.None)
            error = MailParameters.TryParse(text, dialogue.Session.Offers, out parameters);
        if (error == Canned.None && !command.IsAscii && !parameters.SmtpUtf8)
            error = Canned.Utf8NotAnnounced;
        if (error == Canned.None && dialogue.Options.MaxMessageSize > 0 && parameters.Size > dialogue.Options.MaxMessageSize)
            error = Canned.DeclaredTooBig;
        if (error == Canned.None && parameters.Submitter is not null && dialogue.Options.Auth is null)
            error = Canned.UnknownParameter;
        DeliveryTerms? terms = null;
        if (error == Canned.None && parameters.Terms.IsUsed)
            terms = parameters.Terms.Resolve(dialogue.Session.Time.GetUtcNow(), dialogue.Options.FutureRelease, dialogue.Options.DeliverByLeast, out error);
        if (error != Canned.None)
        {
            dialogue.Reply(error);
            return false;
        }

        var transaction = new MailTransaction(sender)
        {
            DeclaredSize = parameters.Size,
            Body = parameters.Body,
            SmtpUtf8 = parameters.SmtpUtf8,
            Return = parameters.Return,
            EnvelopeId = parameters.EnvelopeId,
            Submitter = parameters.Submitter is not null && dialogue.Session.Identity is null ? "" : parameters.Submitter,
            Terms = terms,
        };
        dialogue.Session.SetUtf8(parameters.SmtpUtf8);
        dialogue.PendingTransaction = transaction;
        answer = dialogue.Handler.OnMailAsync(dialogue.Session, transaction, CancellationToken.None);
        return true;
    }

    /// <inheritdoc/>
    public override void Finish(ServerDialogue dialogue, in SmtpReply answer)
    {
        MailTransaction transaction = dialogue.PendingTransaction!;
        dialogue.PendingTransaction = null;
        dialogue.NoteMailAnswer(in answer);
        if (answer.IsNone || (answer.IsPositive && !answer.Closes))
        {
            dialogue.Transaction = transaction;
            dialogue.State = DialogueState.Mail;
            dialogue.Messages++;
            dialogue.ForgetDomains();
        }

        dialogue.ReplyOr(answer, Canned.MailOk);
    }
}
