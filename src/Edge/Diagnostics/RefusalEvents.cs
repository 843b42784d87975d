using System.Globalization;
using System.Net;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>Makes events of refusals.</summary>
internal static class RefusalEvents
{
    /// <summary>A connection was turned away before there was a session.</summary>
    public static void Note(IMailEventSink events, TimeProvider time, EndPoint? client, RefusalReason reason) => events.Note(new MailEvent
    {
        Time = time.GetUtcNow(),
        Kind = MailEventKind.Refused,
        Client = (client as IPEndPoint)?.Address,
        Reason = ReasonNames<RefusalReason>.Get(reason),
    });

    /// <summary>
    /// Something was refused in a session: what concerns one recipient is one event, and so is what concerns none; a message that was refused as a
    /// whole is one for each of its recipients.
    /// </summary>
    public static void Note(
        IMailEventSink events, TimeProvider time, SmtpServerSession session, MailTransaction? transaction, Recipient? recipient, RefusalReason reason, SmtpReply reply)
    {
        var what = new MailEvent
        {
            Time = time.GetUtcNow(),
            Kind = MailEventKind.Refused,
            Session = session.Id,
            Sender = transaction?.ReversePath,
            Recipient = recipient?.Address,
            Reply = reply,
            Client = session.Client.Address,
            Reason = ReasonNames<RefusalReason>.Get(reason),
        };
        if (recipient is not null || transaction is null || transaction.Recipients.Count == 0)
        {
            events.Note(what);
            return;
        }

        foreach (Recipient each in transaction.Recipients)
            events.Note(what with { Recipient = each.Address });
    }

    /// <summary>Reads one of our own replies back from the line that it is sent as.</summary>
    public static SmtpReply Parse(string line)
    {
        int code = int.Parse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture);
        string text = line.Length > 4 ? line[4..] : "";
        return EnhancedStatus.TryParse(text, out EnhancedStatus status, out int length)
            ? SmtpReply.FromForeignText(code, status, text.AsSpan(length).TrimStart())
            : SmtpReply.FromForeignText(code, default, text);
    }
}
