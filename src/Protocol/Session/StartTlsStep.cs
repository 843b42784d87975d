using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>STARTTLS (RFC 3207): says go ahead; the handshake is the dialogue's.</summary>
internal sealed class StartTlsStep : CommandStep
{
    /// <inheritdoc/>
    public override bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer)
    {
        answer = default;
        if (dialogue.Options.Tls is null)
            dialogue.Reply(Canned.UnknownCommand);
        else if (!command.Argument.IsEmpty)
            dialogue.Reply(Canned.NoArgumentAllowed);
        else if (dialogue.State != DialogueState.Ready)
            dialogue.Reply(dialogue.State == DialogueState.Start ? Canned.HelloFirst : Canned.NestedMail);
        else if (dialogue.Session.Connection.TlsFacts is not null)
            dialogue.Reply(Canned.TlsActive);
        else if (dialogue.HasBufferedInput)
            // What came with STARTTLS came in clear, from anybody, and must never be run as if it had come under TLS (CVE-2011-0411).
            dialogue.Close(SessionEndReason.InputBehindStartTls, Canned.InputBehindStartTls);
        else
            dialogue.BeginTls();
        return false;
    }
}
