using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Dns;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.Edge.Tests.Reputation;

public sealed class DnsListCheckTests : IDisposable
{
    private const string Listed = "2.0.0.127.bl.example.org";

    private readonly CollectingQueue _queue = new();
    private readonly FakeResolver _dns = new();

    [Fact]
    public async Task Listed_client_is_refused_at_each_recipient_but_postmaster()
    {
        _dns.Host(Listed, "127.0.0.2");
        await using RunningEdge edge = Run(Options("bl.example.org"));
        using TestClient client = await OpenAsync(edge);
        Assert.Equal("550 5.7.1 Client 127.0.0.2 is listed by bl.example.org", await client.AskAsync("RCPT TO:<b@mine.test>"));
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<Postmaster@mine.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_on_no_list_is_welcome()
    {
        await using RunningEdge edge = Run(Options("bl.example.org", "other.example.org"));
        using TestClient client = await OpenAsync(edge);
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<b@mine.test>"), StringComparison.Ordinal);
        Assert.Equal(2, _dns.Questions.Count);
    }

    [Fact]
    public async Task Listed_client_may_be_refused_in_place_of_the_greeting_with_the_lists_words()
    {
        _dns.Host(Listed, "127.0.0.2").Txt(Listed, "see http://bl.example.org/127.0.0.2\r\n250 ok");
        await using RunningEdge edge = Run(Options("bl.example.org") with { AtConnect = true, Reply = "{ip} {list}: {reason}" });
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        Assert.Equal("554 5.7.1 127.0.0.2 bl.example.org: see http://bl.example.org/127.0.0.2  250 ok", await client.ReadAsync());
        Assert.Equal("", await client.ReadAsync());
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Weights_add_up_and_good_lists_outweigh(int threshold, bool refused)
    {
        _dns.Host(Listed, "127.0.0.2").Host("2.0.0.127.worse.example.org", "127.0.0.2").Host("2.0.0.127.good.example.org", "127.0.0.2");
        await using RunningEdge edge = Run(Options("bl.example.org", "worse.example.org*3", "good.example.org*-2") with { Threshold = threshold });
        using TestClient client = await OpenAsync(edge);
        string reply = await client.AskAsync("RCPT TO:<b@mine.test>");
        Assert.Equal(refused ? "550 5.7.1 Client 127.0.0.2 is listed by worse.example.org" : "250 2.1.5 Ok", reply);
    }

    [Fact]
    public async Task List_that_fails_has_no_say()
    {
        _dns.Status("A", Listed, DnsStatus.Failed);
        await using RunningEdge edge = Run(Options("bl.example.org"));
        using TestClient client = await OpenAsync(edge);
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<b@mine.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_that_is_too_slow_has_no_say_and_drops_nobody()
    {
        var time = new FakeTimeProvider();
        var check = new DnsListCheck(new SilentResolver(), Options("bl.example.org"), time);
        await using var edge = new RunningEdge(_queue, RunningEdge.ForStrangers with { Hooks = [check] });
        using TestClient client = await OpenAsync(edge);
        Task<string> answer = client.AskAsync("RCPT TO:<b@mine.test>");
        // The look-up began at the connect, before MAIL was answered.
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.StartsWith("250", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trusted_and_exempt_clients_are_not_looked_up()
    {
        await using RunningEdge edge = Run(Options("bl.example.org"));
        using TestClient trusted = await edge.ConnectAsync("127.0.0.1");
        await trusted.HelloAsync();
        await trusted.DeliverAsync("b@other.test", "x");
        Assert.Empty(_dns.Questions);
    }

    [Fact]
    public async Task Real_resolver_asks_a_list_once_for_as_long_as_its_answer_lives()
    {
        await using var server = new FakeDnsServer { TimeToLive = 60 };
        server.Address(Listed, "127.0.0.2").Ptr("2.0.0.127.in-addr.arpa", "host.client.test").Address("host.client.test", "127.0.0.2");
        var time = new FakeTimeProvider();
        var dns = new DnsClientResolver(new DnsResolverOptions { Servers = [server.EndPoint] }, time);
        await using var edge = new RunningEdge(
            _queue, RunningEdge.ForStrangers with { Hooks = [new DnsListCheck(dns, Options("bl.example.org")), new ReverseNameCheck(dns, ReverseNameRule.Confirmed)] });
        foreach (int asked in (int[])[1, 1, 2])
        {
            using TestClient client = await OpenAsync(edge);
            Assert.StartsWith("550 5.7.1 Client 127.0.0.2 is listed", await client.AskAsync("RCPT TO:<b@mine.test>"), StringComparison.Ordinal);
            Assert.Equal(asked, server.Questions.Count(question => question.Name == Listed));
            if (asked == 1)
                time.Advance(TimeSpan.FromSeconds(35));
        }
    }

    public void Dispose() => _queue.Dispose();

    private static DnsListOptions Options(params string[] lists) => new() { Lists = [.. lists.Select(DnsList.Parse)] };

    private static async Task<TestClient> OpenAsync(RunningEdge edge)
    {
        TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.HelloAsync();
        Assert.StartsWith("250", await client.AskAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        return client;
    }

    private RunningEdge Run(DnsListOptions options) => new(_queue, RunningEdge.ForStrangers with { Hooks = [new DnsListCheck(_dns, options)] });
}
