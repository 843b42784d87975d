using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// XCLIENT, as Postfix defines it: a trusted proxy tells whose connection it is. The session starts over with the greeting, hooks and all,
/// because every judgement on the client so far was on another one.
/// </summary>
internal sealed class XclientStep : CommandStep
{
    /// <inheritdoc/>
    public override bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer)
    {
        answer = default;
        if (!dialogue.Session.TrustsProxyCommands)
        {
            dialogue.Reply(Canned.NotAuthorized);
            return false;
        }

        if (ClientAttributesParser.Parse(command.Argument, ClientAttribute.Xclient) is not { } attributes)
        {
            dialogue.Reply(Canned.BadClientAttribute);
            return false;
        }

        if (dialogue.IsJunkLimitPassed())
            return false;
        dialogue.State = DialogueState.Start;
        dialogue.Session.TakeOver(attributes);
        answer = dialogue.Handler.OnConnectAsync(dialogue.Session, CancellationToken.None);
        return true;
    }

    /// <inheritdoc/>
    public override void Finish(ServerDialogue dialogue, in SmtpReply answer) => dialogue.Greet(in answer);

    /// <inheritdoc/>
    public override void Refuse(ServerDialogue dialogue, in Command command, Canned verdict) =>
        dialogue.Reply(dialogue.Session.TrustsProxyCommands ? verdict : Canned.NotAuthorized);
}
