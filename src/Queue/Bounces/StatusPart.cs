using System.Globalization;
using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Bounces;

/// <summary>
/// Writes the machine-readable part of a report: message/delivery-status (RFC 3464 section 2) or message/global-delivery-status
/// (RFC 6533 section 3). What came from elsewhere cannot end a field: control characters become question marks.
/// </summary>
internal sealed class StatusPart
{
    private const int FoldAt = 76;

    private readonly StringBuilder _text = new(512);
    private readonly bool _utf8;

    private StatusPart(bool utf8) => _utf8 = utf8;

    /// <summary>Writes the part.</summary>
    public static byte[] Write(ReportFacts facts, MailQueueOptions options)
    {
        var part = new StatusPart(facts.Original.SmtpUtf8);
        part.WriteMessage(facts, options);
        foreach (ReportedRecipient reported in facts.Recipients)
            part.WriteRecipient(reported, facts, options);
        return Encoding.UTF8.GetBytes(part._text.ToString());
    }

    /// <summary>The status code that a report gives for a recipient, of the class that its action calls for.</summary>
    public static string GetStatus(ReportedRecipient reported)
    {
        EnhancedStatus status = reported.Reply.Status;
        switch (reported.Action)
        {
            case ReportAction.Relayed or ReportAction.Delivered:
                return status.Class == 2 ? status.ToString() : "2.0.0";
            case ReportAction.Delayed:
                return status.Class == 4 ? status.ToString() : "4.0.0";
            default:
                // Given up after transient trouble keeps the code of that trouble, of which RFC 3464 section 2.3.4 makes a failure.
                if (status.Class is 4 or 5)
                    return status.ToString();
                return reported.GivenUp ? "4.4.7" : "5.0.0";
        }
    }

    // per-message-fields, RFC 3464 section 2.2, with those of RFC 4865 section 5 and RFC 2852 section 6
    private void WriteMessage(ReportFacts facts, MailQueueOptions options)
    {
        Envelope original = facts.Original;
        Field("Reporting-MTA", "dns; " + options.HostName);
        if (original.EnvelopeId is { Length: > 0 } envelopeId)
            Field("Original-Envelope-Id", envelopeId);
        if (original.Client.HelloName.Length > 0)
            Field("Received-From-MTA", "dns; " + original.Client.HelloName);
        Field("Arrival-Date", Date(original.ReceivedAt));
        if (original.Terms?.HoldUntil is { } until)
            Field("Future-Release-Request", "until; " + until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        if (original.Terms?.By is { } by)
            Field("Deliver-By-Date", Date(by.Deadline));
    }

    // per-recipient-fields, RFC 3464 section 2.3
    private void WriteRecipient(ReportedRecipient reported, ReportFacts facts, MailQueueOptions options)
    {
        _text.Append("\r\n");
        if (reported.Recipient.OriginalRecipient is { Length: > 0 } originalRecipient)
            Field("Original-Recipient", originalRecipient.Replace(";", "; ", StringComparison.Ordinal));
        Mailbox address = reported.Recipient.Address;
        Field("Final-Recipient", (address.NeedsUtf8 ? "utf-8; " : "rfc822; ") + (address.NeedsUtf8 && !_utf8 ? EscapeAddress(address.Address) : address.Address));
        Field("Action", reported.Action switch
        {
            ReportAction.Failed => "failed",
            ReportAction.Delayed => "delayed",
            ReportAction.Delivered => "delivered",
            _ => "relayed",
        });
        Field("Status", GetStatus(reported));
        if (reported.RemoteName is { Length: > 0 } remote)
            Field("Remote-MTA", "dns; " + remote);
        if (!reported.Reply.IsNone)
            Field("Diagnostic-Code", (reported.RemoteName is null ? "x-slimta; " : "smtp; ") + reported.Reply);
        Field("Last-Attempt-Date", Date(facts.Now));
        if (reported.Action == ReportAction.Delayed)
            Field("Will-Retry-Until", Date(facts.Original.ReleasedAt + options.Retry.MaxAge));
    }

    private void Field(string name, string value)
    {
        int column = name.Length + 2;
        _text.Append(name).Append(": ");
        foreach (Rune rune in value.EnumerateRunes())
        {
            // Folding replaces no octet: it only puts a line break before white space (RFC 5322 section 2.2.3).
            if (rune.Value == ' ' && column >= FoldAt)
            {
                _text.Append("\r\n");
                column = 0;
            }

            bool fits = Rune.IsControl(rune) || rune == Rune.ReplacementChar ? false : rune.IsAscii || _utf8;
            if (fits)
                _text.Append(rune.ToString());
            else
                _text.Append('?');
            column += rune.Utf16SequenceLength;
        }

        _text.Append("\r\n");
    }

    // utf-8-addr-xtext, RFC 6533 section 3: for reports that stay ASCII.
    private static string EscapeAddress(string address)
    {
        var text = new StringBuilder(address.Length * 2);
        foreach (Rune rune in address.EnumerateRunes())
        {
            if (rune.IsAscii && rune.Value is not ('\\' or '+' or '='))
                text.Append((char)rune.Value);
            else
                text.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X2}}}");
        }

        return text.ToString();
    }

    private static string Date(DateTimeOffset date) => date.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
}
