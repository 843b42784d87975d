using SlimtaFast.Mail;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Reads a mailbox; one that was taken holds no control character, consists of its parts, and is taken again as the same.</summary>
public sealed class MailboxTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "mailbox";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (!Mailbox.TryParse(input, out Mailbox mailbox))
            return;
        string address = mailbox.Address;
        foreach (char c in address)
            FuzzAssert.That(!char.IsControl(c) && c is not ('\u2028' or '\u2029'), "A mailbox holds a control character.");
        FuzzAssert.That(!mailbox.IsNull, "An address was read as the null reverse-path.");
        FuzzAssert.That(!mailbox.Domain.Contains('@'), "A domain holds an at sign.");
        string joined = mailbox.Domain.IsEmpty ? mailbox.LocalPart.ToString() : $"{mailbox.LocalPart}@{mailbox.Domain}";
        FuzzAssert.That(joined == address, "The parts are not the whole.");
        FuzzAssert.That(Mailbox.TryParse(address, out Mailbox again) && again == mailbox && again.GetHashCode() == mailbox.GetHashCode(), "An address is not read as what it was.");
        FuzzAssert.That(mailbox.GetRoutingDomain() == again.GetRoutingDomain(), "A routing domain differs from itself.");
    }
}
