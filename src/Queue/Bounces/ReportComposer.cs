using System.Globalization;
using System.Text;
using MimeKit;

namespace SlimtaFast.Queue.Bounces;

/// <summary>
/// Composes a report as a message: multipart/report with words for people, the status part, and what is returned (RFC 3464 and RFC 6522;
/// for SMTPUTF8 messages with the types of RFC 6533). Thread-safe.
/// </summary>
internal sealed class ReportComposer
{
    private const int WrapAt = 64;

    private readonly MailQueueOptions _options;

    /// <summary>Makes a composer for a server's name and schedule.</summary>
    public ReportComposer(MailQueueOptions options) => _options = options;

    /// <summary>Composes a report; <paramref name="returned"/> is null where the message could not be read.</summary>
    public byte[] Compose(ReportFacts facts, ReturnedOriginal? returned)
    {
        bool utf8 = facts.Original.SmtpUtf8;
        var report = new Multipart("report") { Boundary = $"=_{facts.Id}" };
        report.ContentType.Parameters.Add("report-type", utf8 ? "global-delivery-status" : "delivery-status");
        report.Add(new TextPart("plain") { Text = Explain(facts), ContentDescription = "Notification" });
        report.Add(Part("message", utf8 ? "global-delivery-status" : "delivery-status", StatusPart.Write(facts, _options), "Delivery report"));
        if (returned is { IsFull: true })
            report.Add(Part("message", utf8 ? "global" : "rfc822", returned.Bytes, "Undelivered message"));
        else if (returned is not null)
            report.Add(Part(utf8 ? "message" : "text", utf8 ? "global-headers" : "rfc822-headers", returned.Bytes, "Undelivered message headers"));

        using var message = new MimeMessage();
        message.Headers.Replace(HeaderId.From, $"Mail Delivery System <MAILER-DAEMON@{_options.HostName}>");
        if (MailboxAddress.TryParse(facts.Addressee.Address, out MailboxAddress? addressee))
            message.To.Add(addressee);
        else
            message.Headers.Replace(HeaderId.To, Encoding.UTF8, facts.Addressee.Address);
        message.Headers.Replace(HeaderId.Subject, facts.Action switch
        {
            ReportAction.Failed => "Undelivered Mail Returned to Sender",
            ReportAction.Delayed => "Delayed Mail (still being retried)",
            _ => "Mail Delivery Report",
        });
        message.Date = facts.Now.ToUniversalTime();
        message.MessageId = $"{facts.Id}@{_options.HostName}";
        message.Headers.Add("Auto-Submitted", "auto-replied");
        message.Body = report;

        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        format.International = utf8 || facts.Addressee.NeedsUtf8;
        format.EnsureNewLine = true;
        using var output = new MemoryStream();
        message.WriteTo(format, output);
        return output.ToArray();
    }

    // The octets go out as they are: message parts must not be encoded, and what is returned is evidence.
    private static MimePart Part(string type, string subtype, byte[] bytes, string description) => new(type, subtype)
    {
        Content = new MimeContent(new MemoryStream(bytes, writable: false)),
        ContentTransferEncoding = Ascii.IsValid(bytes) ? ContentEncoding.SevenBit : ContentEncoding.EightBit,
        ContentDescription = description,
    };

    private string Explain(ReportFacts facts)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"This is the mail system at {_options.HostName}.\r\n\r\n");
        text.Append(facts.Action switch
        {
            ReportAction.Failed => "Your message could not be delivered to one or more recipients.\r\nIt is not tried again for them.\r\n",
            ReportAction.Delayed => "Your message could not be delivered yet.\r\nYou need not send it again: delivery is still being tried.\r\n",
            ReportAction.Delivered => "Your message was delivered to the mailboxes of these recipients.\r\n",
            _ => "Your message was handed to the next mail server for these recipients.\r\nNo further report may reach you, because that server sends none.\r\n",
        });
        foreach (ReportedRecipient reported in facts.Recipients)
        {
            text.Append(CultureInfo.InvariantCulture, $"\r\n<{reported.Recipient.Address}>:\r\n");
            if (reported.Reply.IsNone)
                continue;
            string who = reported.RemoteName is null ? "" : $"{reported.RemoteName} said: ";
            AppendWrapped(text, who + reported.Reply);
            if (reported.GivenUp)
                text.Append("    It was tried for as long as the settings of this server allow.\r\n");
        }

        return text.ToString();
    }

    // Words of others, without what they should not hold, in lines that people can read.
    private static void AppendWrapped(StringBuilder text, string words)
    {
        const string Indent = "    ";
        int column = 0;
        text.Append(Indent);
        foreach (char c in words)
        {
            if (c == ' ' && column >= WrapAt)
            {
                text.Append("\r\n").Append(Indent);
                column = 0;
                continue;
            }

            text.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
            column++;
        }

        text.Append("\r\n");
    }
}
