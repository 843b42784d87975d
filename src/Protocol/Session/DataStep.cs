using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>DATA (RFC 5321 section 4.1.1.4): asks for the content, which the dialogue then receives.</summary>
internal sealed class DataStep : CommandStep
{
    // The one reply of class 3 that a handler may give words of its own.
    private const int GoAhead = 354;

    /// <inheritdoc/>
    public override bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer)
    {
        answer = default;
        // DATA is the last command of a group (RFC 2920 section 3.1). What comes along with it is content, also where DATA is refused: if
        // it were run as commands, whoever wrote the message could send others through such a client.
        if (dialogue.IsTooEarly(EarlyInput.AfterData))
            return false;
        if (!command.Argument.IsEmpty)
        {
            dialogue.Reply(Canned.NoArgumentAllowed);
            return false;
        }

        if (dialogue.Transaction!.Body == BodyType.BinaryMime)
        {
            // RFC 3030 section 3: lines cannot carry it.
            dialogue.Reply(Canned.BinaryNeedsChunks);
            return false;
        }

        answer = dialogue.Handler.OnDataAsync(dialogue.Session, dialogue.Transaction!, CancellationToken.None);
        return true;
    }

    /// <inheritdoc/>
    public override void Finish(ServerDialogue dialogue, in SmtpReply answer)
    {
        if (answer.Code >= 400)
        {
            dialogue.EndTransaction();
            dialogue.Reply(answer);
            return;
        }

        if (!dialogue.TryBeginContent(out ContentWriter? writer, out SmtpReply failure))
        {
            dialogue.ReplyOr(in failure, Canned.ContentFailed);
            return;
        }

        dialogue.Intake.BeginData(writer);
        if (answer.Code == GoAhead)
            dialogue.Replies.Write(in answer);
        else
            dialogue.Replies.Write(Canned.StartMail);
    }

    /// <inheritdoc/>
    public override void Refuse(ServerDialogue dialogue, in Command command, Canned verdict)
    {
        if (dialogue.IsTooEarly(EarlyInput.AfterData))
            return;

        // RFC 3030 section 2: DATA must not follow BDAT in a transaction, whose state is then undefined; ours is "none".
        if (verdict == Canned.ChunksOpen)
            dialogue.EndTransaction();
        dialogue.Reply(verdict);
    }
}
