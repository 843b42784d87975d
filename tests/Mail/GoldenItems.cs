using System.Net;
using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

/// <summary>The items whose bytes are kept in Golden/. Never change one: add another.</summary>
internal static class GoldenItems
{
    public static QueueItem Minimal() => new(
        new Envelope
        {
            Id = Id("019cec8a4c5070008000000000000001"),
            ReversePath = Mailbox.Null,
            Recipients = [new Recipient(Mailbox.Parse("bob@example.org"))],
            Content = new NamedContent(Id("019cec8a4c5070008000000000000001"), 12, 0x01020304, ContentTraits.None),
            ReceivedAt = Envelopes.Received,
            Client = new ClientFacts(),
        },
        DeliveryState.Initial(Envelopes.Received, 1));

    public static QueueItem Full() => new(
        new Envelope
        {
            Id = Id("019cec8a4c5070018040a1b2c3d4e5f6"),
            ReversePath = Mailbox.Parse("\"list owner\"@lists.example.com"),
            Recipients =
            [
                new Recipient(Mailbox.Parse("bob@example.org"), DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay, "rfc822;Bob+old@example.net"),
                new Recipient(Mailbox.Parse("用户@例え.テスト"), DsnNotify.Never),
                new Recipient(Mailbox.Parse("postmaster")),
            ],
            Content = new NamedContent(Id("019cec8a4c50700080ffeeddccbbaa99"), 5_000_000_000, 0xDEADBEEF, ContentTraits.EightBit | ContentTraits.LeadingDot),
            ReceivedAt = Envelopes.Received.AddTicks(1_234_567),
            Client = new ClientFacts
            {
                Address = IPAddress.Parse("2001:db8::25"),
                HelloName = "client.example.com",
                HostName = "host.example.com",
                Protocol = "ESMTPSA",
                Identity = "alice",
                Tls = "TLSv1.3 TLS_AES_256_GCM_SHA384",
                ServerName = "mx.example.org",
            },
            AddedHeaders = "Received: from client.example.com (host.example.com [IPv6:2001:db8::25])\r\n\tby mx.example.org with ESMTPSA id 019cec8a4c5070018040a1b2c3d4e5f6;\r\n\tSat, 14 Mar 2026 15:09:26 +0000\r\n"u8.ToArray(),
            Body = BodyType.EightBitMime,
            SmtpUtf8 = true,
            Return = DsnReturn.Headers,
            EnvelopeId = "QQ314159 Ü",
        },
        new DeliveryState
        {
            Version = 300,
            Attempts = 2,
            DueAt = Envelopes.Received.AddMinutes(20),
            DelayNoticeSent = true,
            Recipients =
            [
                new RecipientStatus(RecipientPhase.Delivered, new SmtpReply(250, "2.0.0", "Ok: queued as 4F1B2"), "mx1.example.org"),
                new RecipientStatus(RecipientPhase.Failed, new SmtpReply(550, "5.1.1", "No such user\r\nSorry"), "mx1.example.org"),
                default,
            ],
        });

    /// <summary>One that asks for all that a sender can ask of the delivery in time.</summary>
    public static QueueItem Terms()
    {
        QueueItem plain = Minimal();
        var terms = new DeliveryTerms
        {
            HoldUntil = Envelopes.Received.AddDays(1),
            By = new DeliverBy(Envelopes.Received.AddDays(2), DeliverByMode.Return, Trace: true),
            Priority = -4,
        };
        return plain with { Envelope = plain.Envelope with { Terms = terms, Body = BodyType.BinaryMime } };
    }

    /// <summary>One that an operator sends another way.</summary>
    public static QueueItem Rerouted()
    {
        QueueItem plain = Minimal();
        return plain with { State = plain.State with { Version = 2, Attempts = 1, DueAt = Envelopes.Received.AddMinutes(1), RoutingDomain = "backup.example" } };
    }

    /// <summary>One that belongs to a trace.</summary>
    public static QueueItem Traced()
    {
        QueueItem plain = Minimal();
        return plain with { Envelope = plain.Envelope with { Client = new ClientFacts { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } } };
    }

    private static QueueId Id(string text) => QueueId.TryParse(text, out QueueId id) ? id : throw new FormatException(text);
}
