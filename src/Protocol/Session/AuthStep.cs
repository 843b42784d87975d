using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// AUTH (RFC 4954 section 4): starts an exchange, which lives in <see cref="ServerDialogue.Exchange"/> until it has ended. The client's
/// answers to challenges are lines that no command is read from; they finish here too.
/// </summary>
internal sealed class AuthStep : CommandStep
{
    /// <summary>Finishes a round of an exchange; steps have no state, so there is one.</summary>
    public static AuthStep Instance { get; } = new();

    /// <inheritdoc/>
    public override bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer)
    {
        answer = default;
        if (dialogue.Options.Auth is not { } options)
            return Deny(dialogue, Canned.UnknownCommand);
        if (!dialogue.Session.IsExtended)
            return Deny(dialogue, Canned.ExtendedHelloFirst);
        if (dialogue.Session.Identity is not null)
            return Deny(dialogue, Canned.AlreadyAuthenticated);
        ReadOnlySpan<byte> argument = command.Argument;
        if (argument.IsEmpty)
            return Deny(dialogue, Canned.AuthSyntax);
        int space = argument.IndexOf((byte)' ');
        SaslServer? mechanism = SaslOffer.For(options).Start(space < 0 ? argument : argument[..space], dialogue.Session.Connection, dialogue.Options.HostName, out Canned refusal);
        if (mechanism is null)
            return Deny(dialogue, refusal);
        var exchange = new AuthExchange(dialogue, mechanism);
        dialogue.BeginExchange(exchange);
        answer = space < 0 ? exchange.BeginAsync() : exchange.BeginAsync(argument[space..].TrimStart((byte)' '));
        return true;
    }

    /// <inheritdoc/>
    public override void Finish(ServerDialogue dialogue, in SmtpReply answer) => dialogue.Exchange!.Finish(in answer);

    /// <inheritdoc/>
    public override void Refuse(ServerDialogue dialogue, in Command command, Canned verdict) =>
        dialogue.Reply(dialogue.Options.Auth is null ? Canned.UnknownCommand : verdict);

    private static bool Deny(ServerDialogue dialogue, Canned reply)
    {
        dialogue.Reply(reply);
        return false;
    }
}
