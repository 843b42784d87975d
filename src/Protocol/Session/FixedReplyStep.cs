using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>A command that changes nothing and is always answered the same: NOOP, VRFY, EXPN, HELP.</summary>
internal sealed class FixedReplyStep(Canned reply, EarlyInput? endsGroup = null, bool needsArgument = false) : CommandStep
{
    /// <inheritdoc/>
    public override bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer)
    {
        answer = default;
        if (needsArgument && command.Argument.IsEmpty)
            dialogue.Reply(Canned.ArgumentRequired);
        else if (!dialogue.IsJunkLimitPassed() && !dialogue.IsTooEarly(endsGroup))
            dialogue.Reply(reply == Canned.Help && dialogue.Options.Lmtp ? Canned.LmtpHelp : reply);
        return false;
    }
}
