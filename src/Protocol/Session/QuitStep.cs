using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>QUIT (RFC 5321 section 4.1.1.10): ends the session; what follows is not read.</summary>
internal sealed class QuitStep : CommandStep
{
    /// <inheritdoc/>
    public override bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer)
    {
        answer = default;
        if (!command.Argument.IsEmpty)
        {
            dialogue.Reply(Canned.NoArgumentAllowed);
            return false;
        }

        // The client goes in any case: a refusal would say no more than the farewell.
        dialogue.NoteEarlyInput(EarlyInput.AfterQuit);
        dialogue.CloseByClient();
        return false;
    }
}
