using System.Net;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Tests;

/// <summary>Other options for an edge that runs: sessions that began keep theirs, the next ones have the new.</summary>
public sealed class ChangeTests
{
    [Fact]
    public async Task Sessions_go_by_what_they_began_with()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, RunningEdge.ForStrangers);
        using TestClient before = await edge.ConnectAsync("127.0.0.2");
        await before.HelloAsync();
        edge.Edge.Apply(RunningEdge.ForStrangers with { AcceptDomains = ["new.test"], Session = new SmtpServerOptions { MaxMessageSize = 100_000 } });
        using TestClient after = await edge.ConnectAsync("127.0.0.2");
        await after.HelloAsync();
        Assert.StartsWith("250", await before.DeliverAsync("b@mine.test", "x"), StringComparison.Ordinal);
        Assert.StartsWith("250", await after.DeliverAsync("b@new.test", "x"), StringComparison.Ordinal);
        Assert.StartsWith("552", await after.AskAsync("MAIL FROM:<a@client.test> SIZE=100001"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_on_connections_count_at_once_and_know_what_is_open()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue);
        using TestClient first = await edge.ConnectAsync();
        await first.HelloAsync();
        edge.Edge.Apply(new SmtpEdgeOptions { MaxConnections = 1 });
        using (TestClient refused = await edge.ConnectAsync())
            Assert.StartsWith("421 4.3.2", await refused.ReadAsync(), StringComparison.Ordinal);
        edge.Edge.Apply(new SmtpEdgeOptions { MaxConnections = 2 });
        using TestClient second = await edge.ConnectAsync();
        await second.HelloAsync();
        Assert.Equal(2, edge.Edge.Connections);
    }

    [Fact]
    public async Task Rates_remember_what_was_used_up()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Clients = new ClientLimits { MessagesPerMinute = 3 } });
        using (TestClient client = await edge.ConnectAsync())
        {
            await client.HelloAsync();
            for (int i = 0; i < 3; i++)
                Assert.StartsWith("250", await client.DeliverAsync("b@other.test", "x"), StringComparison.Ordinal);
        }

        edge.Edge.Apply(new SmtpEdgeOptions { Clients = new ClientLimits { MessagesPerMinute = 3, RecipientsPerHour = 1000 } });
        using TestClient again = await edge.ConnectAsync();
        await again.HelloAsync();
        Assert.StartsWith("450", await again.AskAsync("MAIL FROM:<a@client.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_cannot_be_change_nothing()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, RunningEdge.ForStrangers, listener: new EdgeListener(new IPEndPoint(IPAddress.Loopback, 0)));
        SmtpEdgeOptions wrong = RunningEdge.ForStrangers with { AcceptDomains = ["new.test"], Auth = new EdgeAuthOptions { Mechanisms = ["ROT13"] } };
        Assert.Throws<ArgumentException>(() => edge.Edge.Apply(wrong));
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.HelloAsync();
        Assert.StartsWith("250", await client.DeliverAsync("b@mine.test", "x"), StringComparison.Ordinal);
    }
}
