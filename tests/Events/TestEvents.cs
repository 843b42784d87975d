using System.Net;
using SlimtaFast.Mail;

namespace SlimtaFast.Events.Tests;

/// <summary>Events to write and send.</summary>
internal static class TestEvents
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A delivery whose attempt has this number.</summary>
    public static MailEvent Make(int attempt = 1, string text = "Ok") => new()
    {
        Time = Noon,
        Kind = MailEventKind.Delivered,
        Id = new QueueId(new UInt128(1, 2)),
        Session = new SessionId(0xabc),
        Sender = Mailbox.Parse("alice@example.org"),
        Recipient = Mailbox.Parse("bob@example.net"),
        NextHop = "example.net",
        RemoteName = "mx.example.net",
        Reply = new SmtpReply(250, "2.0.0", text),
        Attempt = attempt,
        Client = IPAddress.Parse("192.0.2.7"),
    };
}
