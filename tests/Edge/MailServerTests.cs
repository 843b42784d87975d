using System.Net;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.Storage;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Edge.Tests;

/// <summary>All rooms in one process: from a client through edge, queue, storage and relay to another edge.</summary>
public sealed class MailServerTests
{
    private static readonly MailServerOptions Options = new()
    {
        HostName = "mx.test",
        Edge = new SmtpEdgeOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] },
        Transport = new() { Reactors = 1 },
    };

    private static readonly SmtpRelayOptions RelayOptions = new() { Client = new() { HelloName = "mx.test" } };

    public static TheoryData<string> Storages => ["memory", "disk", "disk without journal"];

    [Theory]
    [MemberData(nameof(Storages))]
    public async Task Message_arrives_behind_the_added_fields(string kind)
    {
        using var folder = new TemporaryFolder();
        using var arrived = new CollectingQueue();
        await using var hop = new RunningEdge(arrived);
        await using MailServer server = Server(Storage(kind, folder), hop.EndPoint);
        await server.StartAsync();
        const string Message = "From: a@client.test\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@client.test>\r\n\r\nbody\r\n.dot\r\n";
        Assert.StartsWith("250 2.", await DeliverAsync(server, Message, "b@hop.test"), StringComparison.Ordinal);
        await arrived.ArrivalAsync();
        await server.StopAsync();
        (Envelope envelope, byte[] bytes) = Assert.Single(arrived.Messages);
        string text = Encoding.ASCII.GetString(bytes);
        Assert.EndsWith(Message, text, StringComparison.Ordinal);
        Assert.StartsWith("Received: from client.test", text, StringComparison.Ordinal);
        Assert.Equal("a@client.test", envelope.ReversePath.Address);
        Assert.Equal("b@hop.test", Assert.Single(envelope.Recipients).Address.Address);
        Assert.Equal("mx.test", envelope.Client.HelloName);
    }

    [Theory]
    [MemberData(nameof(Storages))]
    public async Task Message_of_the_application_itself_arrives_as_lines(string kind)
    {
        using var folder = new TemporaryFolder();
        using var arrived = new CollectingQueue();
        await using var hop = new RunningEdge(arrived);
        await using MailServer server = Server(Storage(kind, folder), hop.EndPoint);
        await server.StartAsync();
        // Beyond the threshold, with the line ends of the platform, a dot and octets above 127.
        string body = string.Concat(Enumerable.Range(0, 10_000).Select(i => $".{i} gr\u00fcn 0123456789 0123456789 0123456789\n"));
        using var text = new MemoryStream(Encoding.UTF8.GetBytes("Subject: own\n\n" + body + "without an end"));
        EnqueueResult result = await server.SubmitAsync(Mailbox.Parse("app@mx.test"), [new Recipient(Mailbox.Parse("b@hop.test"))], text);
        Assert.True(result.Reply.IsPositive, result.Reply.ToString());
        await arrived.ArrivalAsync();
        await server.StopAsync();
        (Envelope envelope, byte[] bytes) = Assert.Single(arrived.Messages);
        Assert.EndsWith("Subject: own\r\n\r\n" + body.ReplaceLineEndings("\r\n") + "without an end\r\n", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal("app@mx.test", envelope.ReversePath.Address);
        Assert.Equal(BodyType.EightBitMime, envelope.Body);
    }

    [Theory]
    [MemberData(nameof(Storages))]
    public async Task Message_larger_than_the_threshold_arrives_whole(string kind)
    {
        using var folder = new TemporaryFolder();
        using var arrived = new CollectingQueue();
        await using var hop = new RunningEdge(arrived);
        await using MailServer server = Server(Storage(kind, folder), hop.EndPoint);
        await server.StartAsync();
        var lines = new StringBuilder("Subject: large\r\n\r\n");
        for (int i = 0; i < 20_000; i++)
            lines.Append(null, $"{i:0000000000} 0123456789 0123456789 0123456789\r\n");
        Assert.StartsWith("250 2.", await DeliverAsync(server, lines.ToString(), "b@hop.test"), StringComparison.Ordinal);
        await arrived.ArrivalAsync();
        await server.StopAsync();
        Assert.EndsWith(lines.ToString(), Encoding.ASCII.GetString(Assert.Single(arrived.Messages).Bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("disk without journal")]
    public async Task Held_message_is_delivered_by_the_next_server(string kind)
    {
        using var folder = new TemporaryFolder();
        using var arrived = new CollectingQueue();
        await using var hop = new RunningEdge(arrived);
        await using (var holding = new MailServer(Storage(kind, folder), _ => new BlackholeRelay(), Options with { Queue = new MailQueueOptions { Hold = true } }))
        {
            await holding.StartAsync();
            Assert.StartsWith("250 2.", await DeliverAsync(holding, "Subject: kept\r\n\r\nx\r\n", "b@hop.test"), StringComparison.Ordinal);
            await holding.StopAsync();
        }

        Assert.Empty(arrived.Messages);
        await using MailServer server = Server(Storage(kind, folder), hop.EndPoint);
        await server.StartAsync();
        await arrived.ArrivalAsync();
        await server.StopAsync();
        Assert.Contains("Subject: kept", Encoding.ASCII.GetString(Assert.Single(arrived.Messages).Bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("disk without journal")]
    public async Task Binary_message_and_its_terms_arrive_over_a_restart(string kind)
    {
        const string Message = "Subject: kept\r\nDate: x\r\nMessage-ID: <1@client.test>\r\n\r\na\0\n.\r\r\u00ff";
        using var folder = new TemporaryFolder();
        using var arrived = new CollectingQueue();
        await using var hop = new RunningEdge(arrived);
        await using (var holding = new MailServer(Storage(kind, folder), _ => new BlackholeRelay(), Options with { Queue = new MailQueueOptions { Hold = true } }))
        {
            await holding.StartAsync();
            Assert.StartsWith("250 2.", await DeliverByChunkAsync(holding, "BODY=BINARYMIME BY=3600;RT MT-PRIORITY=5", Message), StringComparison.Ordinal);
            await holding.StopAsync();
        }

        await using MailServer server = Server(Storage(kind, folder), hop.EndPoint);
        await server.StartAsync();
        await arrived.ArrivalAsync();
        await server.StopAsync();
        (Envelope envelope, byte[] bytes) = arrived.Messages[0];
        Assert.EndsWith(Message, Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal(BodyType.BinaryMime, envelope.Body);
        Assert.Equal((5, DeliverByMode.Return, true), (envelope.Terms!.Priority, envelope.Terms.By!.Mode, envelope.Terms.By.Trace));
        Assert.InRange(envelope.Terms.By.Deadline, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1));
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("disk without journal")]
    public async Task Message_held_for_its_sender_is_delivered_by_a_later_server(string kind)
    {
        MailServerOptions options = Options with { Edge = Options.Edge with { Session = new() { FutureRelease = TimeSpan.FromDays(7) } } };
        using var folder = new TemporaryFolder();
        using var arrived = new CollectingQueue();
        await using var hop = new RunningEdge(arrived);
        foreach (bool isFirst in new[] { true, false })
        {
            await using MailServer server = Server(Storage(kind, folder), hop.EndPoint, options);
            await server.StartAsync();
            if (isFirst)
                Assert.StartsWith("250 2.", await DeliverByChunkAsync(server, "HOLDFOR=3600", "Subject: kept\r\n\r\n"), StringComparison.Ordinal);
            await server.StopAsync();
        }

        Assert.Empty(arrived.Messages);
        await using MailServer later = Server(Storage(kind, folder), hop.EndPoint, options with { Time = new LaterClock() });
        await later.StartAsync();
        await arrived.ArrivalAsync();
        await later.StopAsync();
        Assert.Contains("Subject: kept", Encoding.ASCII.GetString(Assert.Single(arrived.Messages).Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_recipient_comes_back_as_a_report()
    {
        using var arrived = new CollectingQueue();
        await using var hop = new RunningEdge(arrived, new SmtpEdgeOptions { Trust = [], AcceptDomains = ["client.test"] });
        await using MailServer server = Server(new MemoryStorage(), hop.EndPoint);
        await server.StartAsync();
        await DeliverAsync(server, "Subject: x\r\n\r\nx\r\n", "nobody@hop.test");
        await arrived.ArrivalAsync();
        await server.StopAsync();
        (Envelope report, byte[] bytes) = Assert.Single(arrived.Messages);
        Assert.True(report.ReversePath.IsNull);
        Assert.Equal("a@client.test", Assert.Single(report.Recipients).Address.Address);
        Assert.Contains("550 5.7.1", Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Second_server_on_the_same_folder_does_not_start()
    {
        using var folder = new TemporaryFolder();
        await using var first = new MailServer(Storage("disk", folder), _ => new BlackholeRelay(), Options);
        await first.StartAsync();
        await using var second = new MailServer(Storage("disk", folder), _ => new BlackholeRelay(), Options);
        var refused = await Assert.ThrowsAsync<StorageException>(() => second.StartAsync());
        Assert.Contains(".lock", refused.Message, StringComparison.Ordinal);
    }

    private static MailServer Server(IQueueStorage storage, IPEndPoint hop, MailServerOptions? options = null) =>
        new(storage, transport => new StaticSmtpRelay(transport, hop.Address.ToString(), hop.Port, RelayOptions), options ?? Options);

    private static IQueueStorage Storage(string kind, TemporaryFolder folder) => kind switch
    {
        "memory" => new MemoryStorage(),
        "disk" => new DiskStorage(new DiskStorageOptions { Directory = folder["spool"], SegmentBytes = 1024 * 1024 }),
        _ => new DiskStorage(new DiskStorageOptions { Directory = folder["spool"], Journal = false }),
    };

    private static async Task<string> DeliverAsync(MailServer server, string message, string recipient)
    {
        var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync((IPEndPoint)server.EndPoints[0]);
        using var client = new TestClient(socket);
        await client.HelloAsync();
        return await client.DeliverAsync(recipient, message.Replace("\r\n.", "\r\n..", StringComparison.Ordinal)[..^2]);
    }

    private static async Task<string> DeliverByChunkAsync(MailServer server, string parameters, string message)
    {
        var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync((IPEndPoint)server.EndPoints[0]);
        using var client = new TestClient(socket);
        await client.HelloAsync();
        Assert.Equal("250 2.1.0 Ok", await client.AskAsync("MAIL FROM:<a@client.test> " + parameters));
        Assert.Equal("250 2.1.5 Ok", await client.AskAsync("RCPT TO:<b@hop.test>"));
        await client.SendAsync($"BDAT {message.Length} LAST\r\n{message}");
        return await client.ReadAsync();
    }

    private sealed class LaterClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddHours(2);
    }
}
