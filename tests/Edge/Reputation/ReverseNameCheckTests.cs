using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Dns;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.Edge.Tests.Reputation;

public sealed class ReverseNameCheckTests : IDisposable
{
    private readonly CollectingQueue _queue = new();
    private readonly FakeResolver _dns = new();

    [Fact]
    public async Task Confirmed_name_goes_into_the_envelope()
    {
        _dns.Ptr("127.0.0.2", "liar.example", "host.example").Host("liar.example", "192.0.2.1").Host("host.example", "192.0.2.2", "127.0.0.2");
        Assert.Equal("host.example", await DeliverAsync(ReverseNameRule.Note));
    }

    [Fact]
    public async Task Name_that_does_not_lead_back_is_nobodys()
    {
        _dns.Ptr("127.0.0.2", "liar.example").Host("liar.example", "192.0.2.1");
        Assert.Null(await DeliverAsync(ReverseNameRule.Note));
    }

    [Fact]
    public async Task Unconfirmed_name_is_enough_where_one_must_exist()
    {
        _dns.Ptr("127.0.0.2", "liar.example").Host("liar.example", "192.0.2.1");
        Assert.Null(await DeliverAsync(ReverseNameRule.Exists));
    }

    [Fact]
    public async Task Name_of_a_trusted_client_is_noted_and_not_required()
    {
        Assert.Null(await DeliverAsync(ReverseNameRule.Confirmed, "127.0.0.1"));
        _dns.Ptr("127.0.0.1", "here.example").Host("here.example", "127.0.0.1");
        Assert.Equal("here.example", await DeliverAsync(ReverseNameRule.Confirmed, "127.0.0.1"));
    }

    [Theory]
    [InlineData(ReverseNameRule.Exists)]
    [InlineData(ReverseNameRule.Confirmed)]
    public async Task Missing_name_is_refused_where_it_is_required(ReverseNameRule rule) =>
        Assert.StartsWith("554 5.7.25 Your address has no name", await GreetAsync(rule), StringComparison.Ordinal);

    [Fact]
    public async Task Unconfirmed_name_is_refused_where_it_must_be_confirmed()
    {
        _dns.Ptr("127.0.0.2", "liar.example").Host("liar.example", "192.0.2.1");
        Assert.StartsWith("554 5.7.25 The name of your address", await GreetAsync(ReverseNameRule.Confirmed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_found_out_is_refused_for_now_only_where_it_is_required()
    {
        _dns.Status("PTR", "127.0.0.2", DnsStatus.Failed);
        Assert.StartsWith("421 4.7.25", await GreetAsync(ReverseNameRule.Exists), StringComparison.Ordinal);
        Assert.Null(await DeliverAsync(ReverseNameRule.Note));
        _dns.Ptr("127.0.0.2", "host.example").Status("A", "host.example", DnsStatus.Failed);
        Assert.StartsWith("421 4.7.25", await GreetAsync(ReverseNameRule.Confirmed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_look_up_delays_mail_for_its_limit_at_most()
    {
        var time = new FakeTimeProvider();
        var check = new ReverseNameCheck(new SilentResolver(), ReverseNameRule.Note, TimeSpan.FromSeconds(3), time);
        await using var edge = new RunningEdge(_queue, RunningEdge.ForStrangers with { Hooks = [check] });
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.HelloAsync();
        Task<string> answer = client.AskAsync("MAIL FROM:<a@b.test>");
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.StartsWith("250", await answer, StringComparison.Ordinal);
    }

    public void Dispose() => _queue.Dispose();

    private async Task<string?> DeliverAsync(ReverseNameRule rule, string from = "127.0.0.2")
    {
        await using RunningEdge edge = Run(rule);
        using TestClient client = await edge.ConnectAsync(from);
        await client.HelloAsync();
        await client.DeliverAsync("b@mine.test", "x");
        return _queue.Messages[^1].Envelope.Client.HostName;
    }

    private async Task<string> GreetAsync(ReverseNameRule rule)
    {
        await using RunningEdge edge = Run(rule);
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        return await client.ReadAsync();
    }

    private RunningEdge Run(ReverseNameRule rule) => new(_queue, RunningEdge.ForStrangers with { Hooks = [new ReverseNameCheck(_dns, rule)] });
}
