using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>HELO and EHLO (RFC 5321 section 4.1.1.1): a new hello also ends an open transaction (section 4.1.4).</summary>
internal sealed class HelloStep(bool isExtended) : CommandStep
{
    /// <inheritdoc/>
    public override bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer)
    {
        answer = default;
        if (!HelloName.IsAcceptable(command.Argument))
        {
            dialogue.Reply(command.Argument.IsEmpty ? Canned.ArgumentRequired : Canned.BadHelloName);
            return false;
        }

        if (dialogue.State != DialogueState.Start && dialogue.IsJunkLimitPassed())
            return false;
        dialogue.EndTransaction();
        dialogue.State = DialogueState.Start;
        dialogue.Session.SetHello(Encoding.ASCII.GetString(command.Argument), isExtended);
        answer = dialogue.Handler.OnHelloAsync(dialogue.Session, CancellationToken.None);
        return true;
    }

    /// <inheritdoc/>
    public override void Finish(ServerDialogue dialogue, in SmtpReply answer)
    {
        if (!answer.IsNone && !answer.IsPositive)
        {
            dialogue.Session.SetHello("", isExtended: false);
            dialogue.Reply(answer);
            return;
        }

        if (answer.Closes)
        {
            dialogue.Reply(answer);
            return;
        }

        dialogue.State = DialogueState.Ready;
        if (isExtended)
            dialogue.FixedReplies.WriteEhlo(dialogue.Replies, dialogue.Session);
        else
            dialogue.Replies.Write(dialogue.FixedReplies.Helo.Span);
    }
}
