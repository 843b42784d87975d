using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// XFORWARD, as Postfix defines it: a trusted content filter tells where the next message came from, for logs only. Nobody is trusted
/// more or less for it.
/// </summary>
internal sealed class XforwardStep : CommandStep
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

        if (ClientAttributesParser.Parse(command.Argument, ClientAttribute.Xforward) is not { } attributes)
        {
            dialogue.Reply(Canned.BadClientAttribute);
            return false;
        }

        if (dialogue.IsJunkLimitPassed())
            return false;
        dialogue.Session.NoteForwarded(attributes);
        dialogue.Handler.OnForwarded(dialogue.Session);
        dialogue.Reply(Canned.Ok);
        return false;
    }

    /// <inheritdoc/>
    public override void Refuse(ServerDialogue dialogue, in Command command, Canned verdict) =>
        dialogue.Reply(dialogue.Session.TrustsProxyCommands ? verdict : Canned.NotAuthorized);
}
