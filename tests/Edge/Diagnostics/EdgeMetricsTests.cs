using System.Text;
using SlimtaFast.Edge.Tests.Load;
using SlimtaFast.Protocol;
using SlimtaFast.TestKit.Diagnostics;

namespace SlimtaFast.Edge.Tests.Diagnostics;

public sealed class EdgeMetricsTests
{
    [Fact]
    public async Task Session_whose_hook_fails_at_its_end_is_counted_as_a_fault()
    {
        using var counts = new Counts();
        using var queue = new CollectingQueue();
        await using (var edge = new RunningEdge(queue, new SmtpEdgeOptions { Hooks = [new FailingAtTheEnd()] }, meters: counts))
        {
            using TestClient client = await edge.ConnectAsync();
            await client.HelloAsync();
            await client.AskAsync("QUIT");
            await client.ReadAsync();
        }

        Assert.Equal(1, counts.Of("slimtafast.edge.sessions.ended reason=fault"));
    }

    [Fact]
    public async Task Client_that_is_shut_out_is_counted_as_that()
    {
        using var counts = new Counts();
        using var queue = new CollectingQueue();
        var auth = new EdgeAuthOptions { Tokens = new NoToken(), AllowPlaintext = true, MaxFailures = 1, MaxFailuresPerAddress = 1, FailureDelay = TimeSpan.Zero };
        await using (var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = auth }, meters: counts))
        {
            foreach (string expected in (string[])["Too many failed authentications, closing", "Too many failed authentications from your address, try again later"])
            {
                using TestClient client = await edge.ConnectAsync();
                await client.HelloAsync();
                string answer = await client.AskAsync("AUTH XOAUTH2 " + Convert.ToBase64String(Encoding.ASCII.GetBytes("user=a\u0001auth=Bearer b\u0001\u0001")));
                Assert.Equal("421 4.7.0 " + expected, answer.StartsWith("334 ", StringComparison.Ordinal) ? await client.AskAsync("") : answer);
                Assert.Equal("", await client.ReadAsync());
            }
        }

        Assert.Equal(1, counts.Of("slimtafast.edge.authentications outcome=rejected"));
        Assert.Equal(1, counts.Of("slimtafast.edge.authentications outcome=shut_out"));
        Assert.Equal(2, counts.Of("slimtafast.edge.commands.refused reason=not_authenticated"));
        Assert.Equal(2, counts.Of("slimtafast.edge.sessions.ended reason=authentication_failures"));
    }

    [Fact]
    public async Task Everything_that_is_refused_or_ends_is_counted_with_its_reason()
    {
        using var counts = new Counts();
        using var queue = new CollectingQueue();
        SmtpEdgeOptions options = RunningEdge.ForStrangers with { MaxConnections = 1, Gauges = [new FakeGauge(LoadResource.Disk) { Left = 0 }] };
        await using (var edge = new RunningEdge(queue, options, meters: counts))
        {
            using TestClient client = await edge.ConnectAsync("127.0.0.2");
            await client.HelloAsync();
            using (TestClient second = await edge.ConnectAsync("127.0.0.2"))
                await second.ReadAsync();
            await client.AskAsync("FROB");
            await client.AskAsync("MAIL FROM:<a@b.test>");
            counts.Observe();
            await client.AskAsync("QUIT");
            await client.ReadAsync();
        }

        Assert.All(
            (string[])
            [
                "slimtafast.edge.connections.refused reason=too_many_connections",
                "slimtafast.edge.commands.refused reason=unknown_command",
                "slimtafast.edge.commands.refused reason=disk_short",
                "slimtafast.edge.sessions.ended reason=quit",
                "slimtafast.edge.short resource=disk 1",
            ],
            name => Assert.Equal(1, counts.Of(name)));
    }

    private sealed class FailingAtTheEnd : SessionHook
    {
        public override void OnDisconnect(HookSession session, SessionEndReason reason) => throw new InvalidOperationException("The hook is broken.");
    }

    private sealed class NoToken : ITokenValidator
    {
        public ValueTask<TokenVerdict> ValidateAsync(string token, CancellationToken cancellationToken) => new(TokenVerdict.Reject("none is good"));
    }
}
