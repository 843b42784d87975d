using System.Net;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.Storage;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Edge.Tests;

/// <summary>A server that stores nothing between a client and another edge.</summary>
public sealed class ProxyServerTests
{
    private static readonly EnqueueResult Full = new(new SmtpReply(452, "4.2.2", "Mailbox full"));

    [Fact]
    public async Task Large_message_passes_through_and_the_answer_comes_back()
    {
        using var folder = new TemporaryFolder();
        using var arrived = new CollectingQueue { Answer = new EnqueueResult(new SmtpReply(250, "2.0.0", "Kept as 42")) };
        await using var hop = new RunningEdge(arrived);
        await using MailServer server = Make(folder, hop.EndPoint, lmtp: false);
        await server.StartAsync();
        string body = string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"{i:000000} 0123456789012345678901234567890123456789\r\n"));
        using (TestClient client = await ConnectAsync(server))
        {
            await client.HelloAsync();
            Assert.Equal("250 2.0.0 Kept as 42", await client.DeliverAsync("b@hop.test", "Subject: x\r\n\r\n" + body[..^2]));
        }

        await server.StopAsync();
        Assert.EndsWith(body, Encoding.ASCII.GetString(Assert.Single(arrived.Messages).Bytes), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Refusal_comes_back_too_and_a_hop_that_is_down_is_transient()
    {
        using var folder = new TemporaryFolder();
        using var arrived = new CollectingQueue { Answer = Full };
        var hop = new RunningEdge(arrived);
        await using MailServer server = Make(folder, hop.EndPoint, lmtp: false);
        await server.StartAsync();
        using TestClient client = await ConnectAsync(server);
        await client.HelloAsync();
        Assert.Equal("452 4.2.2 Mailbox full", await client.DeliverAsync("b@hop.test", "x"));
        await hop.DisposeAsync();
        Assert.StartsWith("451 4.4.1", await client.DeliverAsync("b@hop.test", "x"), StringComparison.Ordinal);
        Assert.Single(arrived.Messages);
    }

    [Fact]
    public async Task Lmtp_hears_each_recipients_answer()
    {
        using var folder = new TemporaryFolder();
        using var arrived = new CollectingQueue { Answer = new EnqueueResult(Full.Reply, [new SmtpReply(250, "2.0.0", "Ok"), Full.Reply]) };
        await using var hop = new RunningEdge(arrived, listener: new EdgeListener(new IPEndPoint(IPAddress.Loopback, 0)) { Lmtp = true });
        await using MailServer server = Make(folder, hop.EndPoint, lmtp: true);
        await server.StartAsync();
        using TestClient client = await ConnectAsync(server);
        await client.ReadAsync();
        await client.AskAsync("LHLO client.test");
        await client.AskAsync("MAIL FROM:<a@client.test>");
        await client.AskAsync("RCPT TO:<b@hop.test>");
        await client.AskAsync("RCPT TO:<c@hop.test>");
        await client.AskAsync("DATA");
        Assert.Equal("250 2.0.0 Ok", await client.AskAsync("x\r\n."));
        Assert.Equal("452 4.2.2 Mailbox full", await client.ReadAsync());
    }

    private static async Task<TestClient> ConnectAsync(MailServer server)
    {
        var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync((IPEndPoint)server.EndPoints[0]);
        return new TestClient(socket);
    }

    private static MailServer Make(TemporaryFolder folder, IPEndPoint hop, bool lmtp) => new(
        new ScratchContents(folder.Path),
        transport => new StaticSmtpRelay(transport, hop.Address.ToString(), hop.Port, new SmtpRelayOptions { Client = new() { HelloName = "mx.test", Lmtp = lmtp } }),
        new MailServerOptions
        {
            HostName = "mx.test",
            Edge = new SmtpEdgeOptions { Listen = [new EdgeListener(new IPEndPoint(IPAddress.Loopback, 0)) { Lmtp = lmtp }] },
            Transport = new() { Reactors = 1 },
        });
}
