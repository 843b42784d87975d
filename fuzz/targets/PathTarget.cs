using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Reads the arguments of MAIL and RCPT; what is taken holds no control character, and its path is read again as the same.</summary>
public sealed class PathTarget : IFuzzTarget
{
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);
    private static readonly TimeSpan LongestHold = TimeSpan.FromDays(7);

    /// <inheritdoc/>
    public string Name => "path";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (PathParser.TryParseSender(input, out Mailbox sender, out ReadOnlySpan<byte> text) == Canned.None)
        {
            byte[] again = Encoding.UTF8.GetBytes($"FROM:<{sender.Address}>");
            FuzzAssert.That(PathParser.TryParseSender(again, out Mailbox same, out _) == Canned.None && same == sender, "A sender is not read as what it was.");
            if (MailParameters.TryParse(text, MailOffers.All, out MailParameters parameters) == Canned.None)
            {
                FuzzAssert.That(parameters.Size is null or >= 0, "A size is negative.");
                CheckText(parameters.EnvelopeId);
                CheckTerms(parameters.Terms);
            }
        }

        if (PathParser.TryParseRecipient(input, out Mailbox recipient, out text) == Canned.None)
        {
            FuzzAssert.That(!recipient.IsNull, "A recipient is nobody.");
            if (RecipientParameters.TryParse(text, out RecipientParameters parameters) == Canned.None)
            {
                FuzzAssert.That((parameters.Notify & DsnNotify.Never) == 0 || parameters.Notify == DsnNotify.Never, "NEVER does not stand alone.");
                CheckText(parameters.OriginalRecipient);
            }
        }
    }

    private static void CheckTerms(TermsParameters parameters)
    {
        DeliveryTerms? terms = parameters.Resolve(Now, LongestHold, TimeSpan.Zero, out Canned error);
        FuzzAssert.That(terms is null || (error == Canned.None && parameters.IsUsed && !terms.IsEmpty), "There are terms that nobody asked for.");
        FuzzAssert.That(terms?.HoldUntil is not { } until || (until > Now && until <= Now + LongestHold), "A message is held for longer than allowed.");
        FuzzAssert.That(terms?.By is not { Mode: DeliverByMode.Return } by || by.Deadline > Now, "A message is to be returned before it came.");
    }

    private static void CheckText(string? text)
    {
        foreach (char c in text ?? "")
            FuzzAssert.That(!char.IsControl(c) && c is not ('\u2028' or '\u2029'), "A decoded parameter holds a control character.");
    }
}
