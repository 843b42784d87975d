using SlimtaFast.Edge;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace Hook;

/// <summary>Refuses recipients that are not on a list, and counts them per session.</summary>
internal sealed class KnownRecipients(IEnumerable<string> addresses) : SessionHook
{
    private const int MostGuesses = 3;

    private readonly HashSet<Mailbox> _known = [.. addresses.Select(Mailbox.Parse)];

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnRecipientAsync(HookSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken)
    {
        if (_known.Contains(recipient.Address))
            return default; // no objection
        Guesses guesses = session.Get<Guesses>() ?? new Guesses(0);
        session.Set(guesses = new Guesses(guesses.Count + 1));
        return ValueTask.FromResult(guesses.Count > MostGuesses
            ? new SmtpReply(421, "4.7.0", "Too many guesses, goodbye")
            : new SmtpReply(550, "5.1.1", "No such mailbox here"));
    }

    private sealed record Guesses(int Count);
}
