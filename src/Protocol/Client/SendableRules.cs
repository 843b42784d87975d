using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Client;

/// <summary>What a server must offer for a message to be sent to it as it is.</summary>
internal static class SendableRules
{
    /// <summary>None where the message may go, or the reply that refuses it.</summary>
    public static SmtpReply Check(Envelope envelope, IReadOnlyList<Recipient> recipients, SmtpExtensions extensions)
    {
        ContentTraits traits = envelope.Content.Traits;
        if (extensions.MaxSize > 0 && envelope.Length > extensions.MaxSize)
            return new SmtpReply(552, "5.3.4", "The message is larger than the next hop takes");
        if (!extensions.SmtpUtf8 && HasUtf8Address(envelope, recipients))
            return new SmtpReply(553, "5.6.7", "An address needs SMTPUTF8, which the next hop does not offer");
        if (ClientCommandWriter.NeedsBinary(envelope) && !(extensions.Chunking && extensions.BinaryMime))
            return new SmtpReply(554, "5.6.3", "The message needs BINARYMIME, which the next hop does not offer");
        if (!extensions.EightBitMime && ((traits & ContentTraits.EightBit) != 0 || !Ascii.IsValid(envelope.AddedHeaders.Span)))
            return new SmtpReply(554, "5.6.3", "The message needs 8BITMIME, which the next hop does not offer");
        return default;
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
}
