using FsCheck.Xunit;
using RabbitMQ.Client;
using SlimtaFast.Mail;
using SlimtaFast.Queue.RabbitMq.Messages;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.RabbitMq.Tests.Messages;

public sealed class ItemMessageTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_000);

    [Fact]
    public async Task What_is_written_is_read_back()
    {
        QueueItem item = MakeItem("Subject: x\r\n\r\nHello\r\n");
        ReadOnlyMemory<byte> body = await ItemMessage.WriteAsync(item, inline: true, CancellationToken.None);
        BasicProperties properties = ItemMessage.MakeProperties(item.Envelope.Id, Now.AddSeconds(90), TimeSpan.FromSeconds(90));
        ItemMessage message = ItemMessage.TryRead(properties, body, out _)!;
        Assert.Equal(item.Envelope.Id, message.Id);
        Assert.Equal("Subject: x\r\n\r\nHello\r\n"u8.ToArray(), message.Content.ToArray());
        Assert.Equal((Now.AddSeconds(90), TimeSpan.FromSeconds(90), 0), (message.NotBefore, message.Delay, message.Deliveries));
        Assert.False(message.IsReferenced);
    }

    [Fact]
    public async Task A_content_kept_elsewhere_is_only_named()
    {
        QueueItem item = MakeItem("Subject: x\r\n\r\nHello\r\n");
        ReadOnlyMemory<byte> body = await ItemMessage.WriteAsync(item, inline: false, CancellationToken.None);
        ItemMessage message = ItemMessage.TryRead(new BasicProperties(), body, out _)!;
        Assert.True(message.IsReferenced);
        Assert.Equal(item.Envelope.Content.Length, message.Head.ContentLength);
    }

    [Fact]
    public async Task Every_damage_is_found()
    {
        QueueItem item = MakeItem("Subject: x\r\n\r\nHello\r\n");
        byte[] body = (await ItemMessage.WriteAsync(item, inline: true, CancellationToken.None)).ToArray();
        for (int i = 0; i < body.Length; i++)
        {
            body[i] ^= 0x20;
            Assert.Null(ItemMessage.TryRead(new BasicProperties(), body, out string problem));
            Assert.NotEmpty(problem);
            body[i] ^= 0x20;
            if (i > 0)
                _ = ItemMessage.TryRead(new BasicProperties(), body.AsMemory(0, i), out _);
        }
    }

    [Property(MaxTest = 2000)]
    public bool No_octets_throw(byte[] bytes, long due, long delay, long deliveries)
    {
        var properties = new BasicProperties { Headers = new Dictionary<string, object?> { ["due"] = due, ["delay"] = delay, ["x-delivery-count"] = deliveries } };
        return ItemMessage.TryRead(properties, bytes, out _) is null;
    }

    [Property(MaxTest = 1000)]
    public bool No_headers_throw(long due, long delay, long deliveries)
    {
        QueueItem item = MakeItem("x\r\n");
        ReadOnlyMemory<byte> body = ItemMessage.WriteAsync(item, inline: true, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        var properties = new BasicProperties { Headers = new Dictionary<string, object?> { ["due"] = due * 100_000, ["delay"] = delay * 1_000_000, ["x-delivery-count"] = deliveries } };
        return ItemMessage.TryRead(properties, body, out _) is { Deliveries: >= 0 } message && message.Delay >= TimeSpan.Zero;
    }

    private static QueueItem MakeItem(string content) =>
        new(Envelopes.Make(Contents.InMemory(content), "alice@example.com", "bob@example.org"), DeliveryState.Initial(Now, 1));
}
