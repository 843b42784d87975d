using SlimtaFast.Edge.Lists;
using SlimtaFast.Lookup;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>
/// Judges senders or recipients by a list: the whole address first, then patterns, its domain, and the domains above. A value is
/// <c>accept</c>, <c>refuse</c>, a reply of its own (<c>450 4.2.1 Mailbox full</c>), <c>drop</c>, or <c>rewrite ADDRESS</c>, which puts another
/// address into the envelope. An accepted recipient still needs the permission to send to its domain. Where the list cannot be asked, or
/// says something else, the client is told to try again.
/// </summary>
public sealed class AddressListCheck : SessionHook
{
    private static readonly SmtpReply NoSender = new(550, "5.7.1", "Sender refused");
    private static readonly SmtpReply NoRecipient = new(550, "5.1.1", "No such recipient here");
    private static readonly SmtpReply TryLater = new(451, "4.3.0", "The address cannot be checked now, try again later");

    private readonly AddressLookup _lookup;
    private readonly AddressListOptions _options;
    private readonly RefusalReason _reason;
    private readonly SmtpReply _refusal;

    /// <summary>Makes the check.</summary>
    public AddressListCheck(ILookup lookup, AddressListOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _lookup = new AddressLookup(lookup);
        _options = options;
        bool isSender = options.Kind == AddressListKind.Sender;
        _reason = isSender ? RefusalReason.SenderList : RefusalReason.RecipientList;
        _refusal = !options.Reply.IsNone ? options.Reply : isSender ? NoSender : NoRecipient;
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnMailAsync(HookSession session, MailTransaction transaction, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(transaction);
        return _options.Kind != AddressListKind.Sender || transaction.ReversePath.IsNull || IsSpared(session)
            ? default
            : JudgeAsync(session, transaction.ReversePath, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnRecipientAsync(HookSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(recipient);
        return _options.Kind != AddressListKind.Recipient || IsSpared(session) ? default : JudgeAsync(session, recipient.Address, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnMessageAsync(HookSession session, HookMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(message);
        if (session.Get<Rewritings>() is { } rewritings)
        {
            message.Envelope = rewritings.Apply(message.Envelope);
            session.Set<Rewritings>(null);
        }

        return default;
    }

    /// <inheritdoc/>
    public override void OnReset(HookSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        session.Set<Rewritings>(null);
    }

    private bool IsSpared(HookSession session) => session.MayRelay && !_options.JudgesRelayingClients;

    private async ValueTask<SmtpReply> JudgeAsync(HookSession session, Mailbox address, CancellationToken cancellationToken)
    {
        string? value;
        try
        {
            value = await _lookup.FindAsync(address.Address, cancellationToken);
        }
        catch (LookupException)
        {
            return session.Refuse(_reason, TryLater);
        }

        if (value is null)
            return _options.IsComplete ? session.Refuse(_reason, _refusal) : default;
        if (!ListVerdict.TryParse(value, out ListVerdict verdict))
            return session.Refuse(_reason, TryLater);
        switch (verdict.Action)
        {
            case ListAction.Refuse:
                return session.Refuse(_reason, verdict.Reply.IsNone ? _refusal : verdict.Reply);
            case ListAction.Drop:
                session.Drop(_reason);
                return default;
            case ListAction.Rewrite:
                Note(session, address, verdict.Address);
                return default;
            default:
                return default;
        }
    }

    private void Note(HookSession session, Mailbox from, Mailbox to)
    {
        Rewritings rewritings = session.Get<Rewritings>() ?? new Rewritings();
        session.Set(rewritings);
        if (_options.Kind == AddressListKind.Sender)
            rewritings.Senders[from] = to;
        else
            rewritings.Recipients[from] = to;
    }
}
