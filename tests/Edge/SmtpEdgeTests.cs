using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Queue;
using SlimtaFast.Storage;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Edge.Tests;

public sealed class SmtpEdgeTests
{
    private static readonly SmtpReply Full = new(452, "4.3.1", "No room");

    [Fact]
    public async Task Message_reaches_the_queue_as_it_was_sent()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.Equal("250 2.0.0 Ok", await client.DeliverAsync("b@other.test", "Subject: x\r\n\r\n..dot"));
        (Envelope envelope, byte[] bytes) = Assert.Single(queue.Messages);
        Assert.Equal("Subject: x\r\n\r\n.dot\r\n", Encoding.ASCII.GetString(bytes));
        Assert.Equal("a@client.test", envelope.ReversePath.Address);
        Assert.Equal("b@other.test", Assert.Single(envelope.Recipients).Address.Address);
        Assert.Equal(IPAddress.Loopback, envelope.Client.Address);
        Assert.Equal("client.test", envelope.Client.HelloName);
        Assert.Equal("ESMTP", envelope.Client.Protocol);
        Assert.False(envelope.Id.IsNone);
    }

    [Fact]
    public async Task Content_is_freed_after_the_answer()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        await client.DeliverAsync("b@other.test", "Subject: x\r\n");
        Assert.False(Assert.Single(queue.Messages).Envelope.Content.TryRetain());
    }

    [Fact]
    public async Task Answer_waits_for_the_queue()
    {
        var gate = new TaskCompletionSource();
        using var queue = new CollectingQueue { Gate = gate.Task };
        await using var edge = new RunningEdge(queue);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Task<string> answer = client.DeliverAsync("b@other.test", "x");
        await queue.ArrivalAsync();
        Assert.False(answer.IsCompleted);
        gate.SetResult();
        Assert.Equal("250 2.0.0 Ok", await answer);
    }

    [Fact]
    public async Task Refusal_of_the_queue_is_the_answer()
    {
        await using var edge = new RunningEdge(new CollectingQueue { Answer = new EnqueueResult(Full) });
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.Equal("452 4.3.1 No room", await client.DeliverAsync("b@other.test", "x"));
        Assert.StartsWith("250", await client.AskAsync("NOOP"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StorageFailure.Full, "452 4.3.1")]
    [InlineData(StorageFailure.Unavailable, "451 4.3.0")]
    [InlineData(StorageFailure.DeadlinePassed, "451 4.3.0")]
    public async Task Content_that_cannot_be_kept_is_refused_truly(StorageFailure failure, string reply)
    {
        using var queue = new CollectingQueue { SpillFailure = new StorageException(failure, "test") };
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { ContentThreshold = 10 });
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.StartsWith(reply, await client.DeliverAsync("b@other.test", "longer than ten octets"), StringComparison.Ordinal);
        Assert.Empty(queue.Messages);
        Assert.StartsWith("250", await client.AskAsync("NOOP"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_content_goes_to_the_queues_medium()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { ContentThreshold = 100 });
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        await client.DeliverAsync("b@other.test", "short");
        Assert.Equal(0, queue.Spilled);
        string text = new('x', 500);
        await client.DeliverAsync("b@other.test", text);
        Assert.Equal(1, queue.Spilled);
        Assert.Equal(text + "\r\n", Encoding.ASCII.GetString(queue.Messages[1].Bytes));
    }

    [Fact]
    public async Task Spent_budget_sends_content_to_the_queues_medium()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { ContentBudget = 0 });
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        await client.DeliverAsync("b@other.test", "short");
        Assert.Equal(1, queue.Spilled);
    }

    [Fact]
    public async Task Foreign_client_may_not_relay()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Trust = [IPNetwork.Parse("127.0.0.1/32")], AcceptDomains = ["mine.test"] });
        using TestClient foreign = await edge.ConnectAsync("127.0.0.2");
        await foreign.HelloAsync();
        await foreign.AskAsync("MAIL FROM:<a@client.test>");
        Assert.StartsWith("550 5.7.1", await foreign.AskAsync("RCPT TO:<b@other.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await foreign.AskAsync("RCPT TO:<b@Mine.Test>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await foreign.AskAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250", await foreign.AskAsync("x\r\n."), StringComparison.Ordinal);
        Assert.Equal("b@Mine.Test", Assert.Single(Assert.Single(queue.Messages).Envelope.Recipients).Address.Address);

        using TestClient trusted = await edge.ConnectAsync();
        await trusted.HelloAsync();
        await trusted.AskAsync("MAIL FROM:<a@client.test>");
        Assert.StartsWith("250", await trusted.AskAsync("RCPT TO:<b@other.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_beyond_the_limit_gets_421()
    {
        await using var edge = new RunningEdge(new CollectingQueue(), new SmtpEdgeOptions { MaxConnections = 1 });
        using TestClient first = await edge.ConnectAsync();
        await first.HelloAsync();
        using (TestClient second = await edge.ConnectAsync())
        {
            Assert.StartsWith("421 4.3.2", await second.ReadAsync(), StringComparison.Ordinal);
            Assert.Equal("", await second.ReadAsync());
        }

        Assert.StartsWith("221", await first.AskAsync("QUIT"), StringComparison.Ordinal);
        Assert.Equal("", await first.ReadAsync());
        using TestClient third = await edge.ConnectAsync();
        await third.HelloAsync();
    }

    [Fact]
    public async Task Connection_beyond_the_limit_is_closed_without_a_word_where_clients_begin_with_TLS()
    {
        using var authority = new TestCertificates();
        var tls = new TlsServerSettings { Certificates = new TlsCertificates(authority.Issue("mx.test")) };
        var options = new SmtpEdgeOptions { MaxConnections = 1, Session = new SmtpServerOptions { Tls = tls } };
        var listener = new EdgeListener(new IPEndPoint(IPAddress.Loopback, 0)) { ImplicitTls = true };
        await using var edge = new RunningEdge(new CollectingQueue(), options, listener: listener);
        using TestClient first = await edge.ConnectAsync();
        using TestClient second = await edge.ConnectAsync();
        Assert.Equal("", await second.ReadAsync());
    }

    [Fact]
    public async Task Connection_beyond_the_limit_of_its_address_gets_421()
    {
        await using var edge = new RunningEdge(new CollectingQueue(), new SmtpEdgeOptions { MaxConnectionsPerAddress = 1 });
        using TestClient first = await edge.ConnectAsync();
        await first.HelloAsync();
        using TestClient second = await edge.ConnectAsync();
        Assert.StartsWith("421 4.7.0", await second.ReadAsync(), StringComparison.Ordinal);
        using TestClient other = await edge.ConnectAsync("127.0.0.2");
        await other.HelloAsync();
    }

    [Fact]
    public async Task Stop_tells_idle_clients_and_refuses_new_ones()
    {
        await using var edge = new RunningEdge(new CollectingQueue());
        using TestClient idle = await edge.ConnectAsync();
        await idle.HelloAsync();
        IPEndPoint endPoint = edge.EndPoint;
        await edge.Edge.StopAsync();
        Assert.StartsWith("421", await idle.ReadAsync(), StringComparison.Ordinal);
        using var late = new System.Net.Sockets.TcpClient();
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => late.ConnectAsync(endPoint));
    }

    [Fact]
    public async Task Stop_lets_a_transaction_finish()
    {
        var gate = new TaskCompletionSource();
        using var queue = new CollectingQueue { Gate = gate.Task };
        await using var edge = new RunningEdge(queue);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Task<string> answer = client.DeliverAsync("b@other.test", "x");
        await queue.ArrivalAsync();
        Task stopped = edge.Edge.StopAsync();
        Assert.False(stopped.IsCompleted);
        gate.SetResult();
        Assert.Equal("250 2.0.0 Ok", await answer);
        Assert.StartsWith("421", await client.ReadAsync(), StringComparison.Ordinal);
        await stopped.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, edge.Edge.Connections);
    }

    [Fact]
    public async Task Stop_that_may_not_wait_cuts_what_is_left()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        await client.AskAsync("MAIL FROM:<a@client.test>");
        await client.AskAsync("RCPT TO:<b@other.test>");
        await client.AskAsync("DATA");
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await edge.Edge.StopAsync(now.Token).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, edge.Edge.Connections);
        Assert.Empty(queue.Messages);
    }

    [Fact]
    public async Task Edge_on_a_taken_port_does_not_start()
    {
        await using var first = new RunningEdge(new CollectingQueue());
        await using SlimtaFast.Protocol.Transport.ITransport transport =
            SlimtaFast.Protocol.Transport.Transports.Create(new SlimtaFast.Protocol.Transport.TransportOptions { Reactors = 1 }, TimeProvider.System);
        await using var second = new SmtpEdge(new CollectingQueue(), transport, new SmtpEdgeOptions { Listen = [first.EndPoint] });
        Assert.Throws<System.Net.Sockets.SocketException>(second.Start);
    }

    [Fact]
    public async Task Discarding_queue_takes_no_memory_of_the_budget()
    {
        await using var edge = new RunningEdge(new DiscardingQueue(), new SmtpEdgeOptions { ContentBudget = 0, ContentThreshold = 0 });
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.StartsWith("250 2.0.0", await client.DeliverAsync("b@other.test", new string('x', 100_000)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_are_counted()
    {
        var counted = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == SmtpEdge.MeterName)
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (counted)
                counted[instrument.Name] = counted.GetValueOrDefault(instrument.Name) + value;
        });
        listener.Start();
        using var queue = new CollectingQueue();
        await using (var edge = new RunningEdge(queue))
        {
            using TestClient client = await edge.ConnectAsync();
            await client.HelloAsync();
            await client.DeliverAsync("b@other.test", "12345678");
            queue.Answer = new EnqueueResult(Full);
            await client.DeliverAsync("b@other.test", "x");
        }

        // Other tests of this assembly may count at the same time, never less.
        Assert.True(counted["slimtafast.edge.messages.accepted"] >= 1);
        Assert.True(counted["slimtafast.edge.messages.refused"] >= 1);
        Assert.True(counted["slimtafast.edge.octets"] >= 10);
    }
}
