using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Client;

/// <summary>What a server must offer for a message to be sent to it as it is.</summary>
internal static class SendableRules
{
    /// <summary>None where the message may go, or the reply that refuses it.</summary>
    /// <param name="envelope">The message.</param>
    /// <param name="recipients">For whom.</param>
    /// <param name="extensions">What the server offers.</param>
    /// <param name="isFinal">True where the server delivers itself (LMTP), so that nothing is passed on.</param>
    /// <param name="time">The clock.</param>
    public static SmtpReply Check(Envelope envelope, IReadOnlyList<Recipient> recipients, SmtpExtensions extensions, bool isFinal, TimeProvider time)
    {
        ContentTraits traits = envelope.Content.Traits;
        if (extensions.MaxSize > 0 && envelope.Length > extensions.MaxSize)
            return new SmtpReply(552, "5.3.4", "The message is larger than the next hop takes");
        if (!extensions.SmtpUtf8 && NeedsSmtpUtf8(envelope, recipients))
            return new SmtpReply(553, "5.6.7", "An address needs SMTPUTF8, which the next hop does not offer");
        if (ClientCommandWriter.NeedsBinary(envelope) && !(extensions.Chunking && extensions.BinaryMime))
            return new SmtpReply(554, "5.6.3", "The message needs BINARYMIME, which the next hop does not offer");
        if (!extensions.EightBitMime && ((traits & ContentTraits.EightBit) != 0 || !Ascii.IsValid(envelope.AddedHeaders.Span)))
            return new SmtpReply(554, "5.6.3", "The message needs 8BITMIME, which the next hop does not offer");
        return envelope.Terms?.By is { Mode: DeliverByMode.Return } by ? CheckDeadline(by, extensions, isFinal, time.GetUtcNow()) : default;
    }

    /// <summary>True where an address holds anything but ASCII.</summary>
    public static bool HasUtf8Address(Envelope envelope, IReadOnlyList<Recipient> recipients)
    {
        if (envelope.ReversePath.NeedsUtf8)
            return true;
        for (int i = 0; i < recipients.Count; i++)
        {
            if (recipients[i].Address.NeedsUtf8)
                return true;
        }

        return false;
    }

    /// <summary>True where an address cannot be written in ASCII, or not without it becoming another.</summary>
    public static bool NeedsSmtpUtf8(Mailbox mailbox) => mailbox.NeedsUtf8 && !mailbox.TryToAscii(out _);

    private static bool NeedsSmtpUtf8(Envelope envelope, IReadOnlyList<Recipient> recipients)
    {
        if (NeedsSmtpUtf8(envelope.ReversePath))
            return true;
        for (int i = 0; i < recipients.Count; i++)
        {
            if (NeedsSmtpUtf8(recipients[i].Address))
                return true;
        }

        return false;
    }

    // RFC 2852 section 4.2: a message to be returned when it is late goes only to a server that promises to do so.
    private static SmtpReply CheckDeadline(DeliverBy by, SmtpExtensions extensions, bool isFinal, DateTimeOffset now)
    {
        long left = by.GetSecondsLeft(now);
        if (left <= 0)
            return new SmtpReply(554, "5.4.7", "The time within which the message was to be delivered is over");
        if (!extensions.DeliverBy)
            return isFinal ? default : new SmtpReply(554, "5.3.3", "The message has a deadline and needs DELIVERBY, which the next hop does not offer");
        return left < extensions.DeliverByLeast
            ? new SmtpReply(554, "5.4.7", "The next hop does not promise to deliver within the time that is left")
            : default;
    }
}
