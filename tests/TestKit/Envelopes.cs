using System.Net;
using SlimtaFast.Mail;

namespace SlimtaFast.TestKit;

/// <summary>Envelopes and queued items for tests.</summary>
public static class Envelopes
{
    /// <summary>The time at which test messages were received.</summary>
    public static readonly DateTimeOffset Received = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    /// <summary>What an edge knows of a typical client.</summary>
    public static readonly ClientFacts Client = new()
    {
        Address = IPAddress.Parse("192.0.2.25"),
        HelloName = "client.example.com",
        HostName = "client.example.com",
        Protocol = "ESMTPS",
        Tls = "TLSv1.3 TLS_AES_256_GCM_SHA384",
        ServerName = "mx.example.org",
    };

    private static readonly QueueIdGenerator Ids = new(TimeProvider.System);

    /// <summary>A fresh id.</summary>
    public static QueueId NewId() => Ids.Next();

    /// <summary>An envelope around a content, whose reference it does not own.</summary>
    public static Envelope Make(MessageContent content, string from = "alice@example.com", params string[] to)
    {
        ArgumentNullException.ThrowIfNull(to);
        string[] addresses = to.Length == 0 ? ["bob@example.org"] : to;
        return new Envelope
        {
            Id = NewId(),
            ReversePath = from.Length == 0 ? Mailbox.Null : Mailbox.Parse(from),
            Recipients = [.. addresses.Select(static address => new Recipient(Mailbox.Parse(address)))],
            Content = content,
            ReceivedAt = Received,
            Client = Client,
        };
    }

    /// <summary>A queued item with its first state, due when it was received, around a content whose reference it does not own.</summary>
    public static QueueItem MakeItem(MessageContent content, string from = "alice@example.com", params string[] to)
    {
        Envelope envelope = Make(content, from, to);
        return new QueueItem(envelope, DeliveryState.Initial(envelope.ReceivedAt, envelope.Recipients.Count));
    }
}
