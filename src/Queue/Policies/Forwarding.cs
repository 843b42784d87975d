using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Policies;

/// <summary>Puts other addresses in the place of an envelope's own.</summary>
internal static class Forwarding
{
    /// <summary>A recipient at another address. Reports go on naming the one that the sender knows (RFC 3461 section 4.2).</summary>
    public static Recipient Forward(Recipient recipient, Mailbox address) => recipient.Address == address && recipient.Address.Address == address.Address
        ? recipient
        : recipient with
        {
            Address = address,
            OriginalRecipient = recipient.OriginalRecipient ?? $"{(recipient.Address.NeedsUtf8 ? "utf-8" : "rfc822")};{recipient.Address.Address}",
        };

    /// <summary>The envelope with other recipients, each address once: the first counts.</summary>
    public static Envelope WithRecipients(Envelope envelope, IEnumerable<Recipient> recipients)
    {
        Recipient[] distinct = [.. recipients.DistinctBy(static recipient => recipient.Address)];
        return envelope with
        {
            Recipients = distinct,
            // RFC 6531 section 3.4: an address beyond ASCII goes only where SMTPUTF8 is offered.
            SmtpUtf8 = envelope.SmtpUtf8 || distinct.Any(static recipient => recipient.Address.NeedsUtf8),
        };
    }

    /// <summary>An address that a rule or list gave; throws <see cref="InvalidOperationException"/>, which puts the message off, where it is none.</summary>
    public static Mailbox ReadAddress(ReadOnlySpan<char> text, string source) =>
        Mailbox.TryParse(text.Trim(), out Mailbox mailbox) && !mailbox.IsNull
            ? mailbox
            : throw new InvalidOperationException($"{source} gives '{text}', which is not an address.");
}
