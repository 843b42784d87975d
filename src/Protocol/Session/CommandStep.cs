using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// Carries out one command in two halves: the first reads the argument and asks the handler, the second acts on the handler's answer.
/// Between them the dialogue awaits the answer, which is mostly there already, so that no command needs an asynchronous method
/// of its own. Steps have no state; what they must remember between the halves stands in <see cref="ServerDialogue"/>.
/// </summary>
internal abstract class CommandStep
{
    /// <summary>
    /// Starts the command. True where <paramref name="answer"/> is to be awaited and given to <see cref="Finish"/>; false where the
    /// command has been dealt with.
    /// </summary>
    public abstract bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer);

    /// <summary>Acts on the handler's answer; no reply means "no objection".</summary>
    public virtual void Finish(ServerDialogue dialogue, in SmtpReply answer) =>
        throw new InvalidOperationException("This command asks nobody.");

    /// <summary>Answers a command that the dialogue table does not allow now.</summary>
    public virtual void Refuse(ServerDialogue dialogue, in Command command, Canned verdict) => dialogue.Reply(verdict);
}
