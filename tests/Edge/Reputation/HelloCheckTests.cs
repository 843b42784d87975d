using System.Net;
using SlimtaFast.Dns;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.Edge.Tests.Reputation;

public sealed class HelloCheckTests : IDisposable
{
    private readonly CollectingQueue _queue = new();

    [Theory]
    [InlineData("mail.client.test", "250")]
    [InlineData("[127.0.0.2]", "250")]
    [InlineData("client", "550 5.7.1 HELO needs a full host name")]
    [InlineData("[nonsense]", "550 5.7.1 HELO needs a full host name")]
    [InlineData("127.0.0.2", "250")]
    [InlineData("192.0.2.1", "550 5.7.1 HELO with somebody else's address")]
    [InlineData("[192.0.2.1]", "550 5.7.1 HELO with somebody else's address")]
    [InlineData("[IPv6:2001:db8::1]", "550 5.7.1 HELO with somebody else's address")]
    [InlineData("MX.mine.test", "550 5.7.1 HELO with this server's own name")]
    [InlineData("mx.mine.test.", "550 5.7.1 HELO with this server's own name")]
    [InlineData("[127.0.0.1]", "550 5.7.1 HELO with this server's own name")]
    public async Task Name_of_a_stranger_is_judged(string name, string reply)
    {
        var options = new HelloCheckOptions { OwnNames = ["mx.mine.test"], OwnAddresses = [IPAddress.Loopback] };
        Assert.StartsWith(reply, await SayAsync(new HelloCheck(options), name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_may_be_anything_where_it_is_not_required() =>
        Assert.StartsWith("250", await SayAsync(new HelloCheck(new HelloCheckOptions { RequireName = false }), "client"), StringComparison.Ordinal);

    [Theory]
    [InlineData("a.client.test", "250")]
    [InlineData("mx.client.test", "250")]
    [InlineData("unknown.client.test", "250")]
    [InlineData("none.client.test", "550 5.7.1 HELO with a name that does not exist")]
    public async Task Name_must_exist_where_that_is_required(string name, string reply)
    {
        FakeResolver dns = new FakeResolver().Host("a.client.test", "192.0.2.1").Mx("mx.client.test", (10, "a.client.test")).Status("A", "unknown.client.test", DnsStatus.Failed);
        var check = new HelloCheck(new HelloCheckOptions { RequireResolvable = true }, dns);
        Assert.StartsWith(reply, await SayAsync(check, name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trusted_client_may_call_itself_anything() =>
        Assert.StartsWith("250", await SayAsync(new HelloCheck(new HelloCheckOptions { OwnNames = ["x"] }), "x", "127.0.0.1"), StringComparison.Ordinal);

    [Fact]
    public async Task Refused_client_may_try_another_name()
    {
        await using var edge = new RunningEdge(_queue, RunningEdge.ForStrangers with { Hooks = [new HelloCheck(new HelloCheckOptions())] });
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.ReadAsync();
        Assert.StartsWith("550", await client.AskAsync("EHLO client"), StringComparison.Ordinal);
        Assert.StartsWith("503", await client.AskAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("EHLO client.test"), StringComparison.Ordinal);
    }

    public void Dispose() => _queue.Dispose();

    private async Task<string> SayAsync(HelloCheck check, string name, string from = "127.0.0.2")
    {
        await using var edge = new RunningEdge(_queue, RunningEdge.ForStrangers with { Hooks = [check] });
        using TestClient client = await edge.ConnectAsync(from);
        await client.ReadAsync();
        return await client.AskAsync("EHLO " + name);
    }
}
