using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.TestKit;

namespace SlimtaFast.Edge.Tests;

/// <summary>An edge that speaks LMTP, over TCP and over a Unix-domain socket.</summary>
public sealed class LmtpEdgeTests
{
    private static readonly SmtpReply Ok = new(250, "2.0.0", "Ok");
    private static readonly SmtpReply Full = new(452, "4.2.2", "Mailbox full");

    [Fact]
    public async Task Queue_answers_for_each_recipient()
    {
        using var queue = new CollectingQueue { Answer = new EnqueueResult(Full, [Ok, Full]) };
        await using var edge = new RunningEdge(queue, listener: new EdgeListener(new IPEndPoint(IPAddress.Loopback, 0)) { Lmtp = true });
        using TestClient client = await edge.ConnectAsync();
        Assert.EndsWith(" LMTP", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("500 5.5.1", await client.AskAsync("EHLO x"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await client.AskAsync("LHLO x"), StringComparison.Ordinal);
        await client.AskAsync("MAIL FROM:<a@client.test>");
        await client.AskAsync("RCPT TO:<b@other.test>");
        await client.AskAsync("RCPT TO:<c@other.test>");
        await client.AskAsync("DATA");
        Assert.Equal("250 2.0.0 Ok", await client.AskAsync("x\r\n."));
        Assert.Equal("452 4.2.2 Mailbox full", await client.ReadAsync());
        Assert.StartsWith("250", await client.AskAsync("NOOP"), StringComparison.Ordinal);
        Assert.Equal("LMTP", Assert.Single(queue.Messages).Envelope.Client.Protocol);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Socket_has_its_mode_its_clients_are_local_and_it_goes_with_the_edge()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var queue = new CollectingQueue { Answer = new EnqueueResult(Full, [Ok, Full]) };
        var listener = new EdgeListener(new UnixDomainSocketEndPoint(path)) { Lmtp = true, SocketMode = Mode };
        await using (var edge = new RunningEdge(queue, listener: listener))
        {
            Assert.Equal(Mode, File.GetUnixFileMode(path));
            await using ITransport transport = Transports.Create(new TransportOptions { Reactors = 1 }, TimeProvider.System);
            await using var relay = new StaticSmtpRelay(transport, path, new SmtpRelayOptions { Client = new SmtpClientOptions { Lmtp = true } });
            Assert.Equal($"unix:{path}", relay.GetNextHop("other.test"));
            for (int i = 1; i <= 2; i++)
            {
                MessageContent content = Contents.InMemory();
                Envelope envelope = Envelopes.Make(content, to: ["b@other.test", "c@other.test"]);
                DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
                content.Release();
                Assert.Equal([OutcomeKind.Delivered, OutcomeKind.Transient], report.Outcomes.Select(o => o.Kind));
                Assert.Equal("localhost", report.Outcomes[0].RemoteName);
                Assert.Equal(1, edge.Edge.Connections);
            }
        }

        Assert.Equal(2, queue.Messages.Count);
        Assert.All(queue.Messages, message => Assert.Null(message.Envelope.Client.Address));
        Assert.False(File.Exists(path));
    }
}
