using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>RSET (RFC 5321 section 4.1.1.5): gives the transaction up.</summary>
internal sealed class ResetStep : CommandStep
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

        if (dialogue.IsJunkLimitPassed() || dialogue.IsPipelinedUnasked())
            return false;
        dialogue.EndTransaction();
        dialogue.Reply(Canned.Ok);
        return false;
    }
}
