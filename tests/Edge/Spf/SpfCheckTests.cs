using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Dns;
using SlimtaFast.Edge.Tests.Reputation;
using SlimtaFast.MailAuth;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.Edge.Tests.Spf;

public sealed class SpfCheckTests : IDisposable
{
    private const string Client = "127.0.0.2";

    private readonly CollectingQueue _queue = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FakeResolver _dns = new FakeResolver()
        .Txt("pass.test", "v=spf1 ip4:127.0.0.2 -all")
        .Txt("fail.test", "v=spf1 -all exp=why.fail.test")
        .Txt("why.fail.test", "%{s} may not come from %{i}")
        .Txt("soft.test", "v=spf1 ~all")
        .Txt("neutral.test", "v=spf1 ?all")
        .Txt("broken.test", "v=spf1 junk")
        .Status("TXT", "slow.test", DnsStatus.Failed);

    // python-slimta's example, word for word in its rules: spf.set_enforcement('fail', '550', '5.7.1 Access denied; {reason}') and
    // spf.set_enforcement('softfail', '250', '2.0.0 Ok; {reason}').
    private static readonly Dictionary<MailAuthResult, SpfAction> Example = new()
    {
        [MailAuthResult.Fail] = SpfAction.Parse("550 5.7.1 Access denied; {reason}"),
        [MailAuthResult.SoftFail] = SpfAction.Parse("250 2.0.0 Ok; {reason}"),
    };

    [Fact]
    public async Task Example_of_python_slimta_refuses_fail_and_accepts_softfail_with_a_note()
    {
        await using RunningEdge edge = Run(Options(Example));
        using TestClient client = await OpenAsync(edge);
        Assert.Equal("550 5.7.1 Access denied; a@fail.test may not come from 127.0.0.2", await client.AskAsync("MAIL FROM:<a@fail.test>"));
        Assert.Equal("250 2.0.0 Ok; soft.test discourages use of 127.0.0.2 as permitted sender", await client.AskAsync("MAIL FROM:<a@soft.test>"));
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<b@mine.test>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await client.AskAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("Subject: x\r\n\r\nx\r\n."), StringComparison.Ordinal);
        Assert.Single(_queue.Messages);
    }

    [Theory]
    [InlineData("pass.test", MailAuthResult.Pass)]
    [InlineData("fail.test", MailAuthResult.Fail)]
    [InlineData("soft.test", MailAuthResult.SoftFail)]
    [InlineData("neutral.test", MailAuthResult.Neutral)]
    [InlineData("none.test", MailAuthResult.None)]
    [InlineData("broken.test", MailAuthResult.PermError)]
    [InlineData("slow.test", MailAuthResult.TempError)]
    public async Task Each_result_has_an_action_of_its_own(string domain, MailAuthResult result)
    {
        await using RunningEdge edge = Run(Options(new() { [result] = SpfAction.Parse("451 4.7.24 {result} for {sender} from {ip}") }));
        using TestClient client = await OpenAsync(edge);
        Assert.Equal($"451 4.7.24 {result.ToWord()} for a@{domain} from 127.0.0.2", await client.AskAsync($"MAIL FROM:<a@{domain}>"));
        Assert.StartsWith("250", await client.AskAsync($"MAIL FROM:<a@{(result == MailAuthResult.Pass ? "none.test" : "pass.test")}>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_may_be_held_until_the_recipients_are_known_and_spares_postmaster()
    {
        await using RunningEdge edge = Run(Options(Example) with { Stage = SpfStage.Recipient });
        using TestClient client = await OpenAsync(edge);
        Assert.Equal("250 2.1.0 Ok", await client.AskAsync("MAIL FROM:<a@fail.test>"));
        Assert.StartsWith("550 5.7.1 Access denied", await client.AskAsync("RCPT TO:<b@mine.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<postmaster@mine.test>"), StringComparison.Ordinal);
        await client.AskAsync("RSET");
        Assert.Equal("250 2.1.0 Ok", await client.AskAsync("MAIL FROM:<a@pass.test>"));
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<b@mine.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_stand_in_front_of_the_message()
    {
        await using RunningEdge edge = Run(Options(new() { [MailAuthResult.SoftFail] = SpfAction.Parse("header X-Note: {result} {sender}") }));
        using TestClient client = await OpenAsync(edge);
        await client.AskAsync("MAIL FROM:<a@soft.test>");
        await client.AskAsync("RCPT TO:<b@mine.test>");
        await client.AskAsync("DATA");
        await client.AskAsync("Subject: x\r\n\r\nx\r\n.");
        Assert.Equal(
            """
            Authentication-Results: mx.mine.test;
             spf=none
             smtp.helo=client.test;
             spf=softfail
             smtp.mailfrom=a@soft.test
            Received-SPF: softfail (mx.mine.test: soft.test discourages use of 127.0.0.2 as permitted sender)
             receiver=mx.mine.test;
             client-ip=127.0.0.2;
             envelope-from="a@soft.test";
             helo=client.test;
             identity=mailfrom;
             mechanism=~all
            Received-SPF: none (mx.mine.test: client.test says nothing about its senders)
             receiver=mx.mine.test;
             client-ip=127.0.0.2;
             envelope-from="postmaster@client.test";
             helo=client.test;
             identity=helo
            X-Note: softfail a@soft.test

            """.ReplaceLineEndings("\r\n"),
            Encoding.ASCII.GetString(_queue.Messages[0].Envelope.AddedHeaders.Span));
    }

    [Fact]
    public async Task Hello_that_fails_decides()
    {
        _dns.Txt("client.test", "v=spf1 -all");
        await using RunningEdge edge = Run(Options(Example));
        using TestClient client = await OpenAsync(edge);
        Assert.StartsWith("550 5.7.1 Access denied; client.test does not designate", await client.AskAsync("MAIL FROM:<a@pass.test>"), StringComparison.Ordinal);
        Assert.DoesNotContain(("TXT", "pass.test"), _dns.Questions);
    }

    [Fact]
    public async Task Hello_stands_for_a_sender_that_is_not_there()
    {
        _dns.Txt("client.test", "v=spf1 -all");
        await using RunningEdge edge = Run(Options(Example) with { ChecksHello = false });
        using TestClient client = await OpenAsync(edge);
        Assert.StartsWith("550 5.7.1 Access denied", await client.AskAsync("MAIL FROM:<>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("MAIL FROM:<a@pass.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Allowed_clients_and_senders_are_not_asked_about()
    {
        SpfCheckOptions options = Options(Example) with { AllowNetworks = [IPNetwork.Parse("127.0.0.3/32")], AllowSenders = ["friend@fail.test", "other.fail.test", ".deep.test"] };
        await using RunningEdge edge = Run(options);
        using (TestClient allowed = await edge.ConnectAsync("127.0.0.3"))
        {
            await allowed.HelloAsync();
            Assert.StartsWith("250", await allowed.AskAsync("MAIL FROM:<a@fail.test>"), StringComparison.Ordinal);
        }

        using (TestClient trusted = await edge.ConnectAsync("127.0.0.1"))
        {
            await trusted.HelloAsync();
            Assert.StartsWith("250", await trusted.AskAsync("MAIL FROM:<a@fail.test>"), StringComparison.Ordinal);
        }

        using TestClient client = await OpenAsync(edge);
        foreach (string sender in (string[])["Friend@Fail.test", "x@OTHER.fail.test", "x@a.b.deep.test"])
        {
            Assert.StartsWith("250", await client.AskAsync($"MAIL FROM:<{sender}>"), StringComparison.Ordinal);
            await client.AskAsync("RSET");
        }

        Assert.Empty(_dns.Questions);
        Assert.StartsWith("550", await client.AskAsync("MAIL FROM:<foe@fail.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Greylisted_client_is_taken_once_it_comes_back_late_enough()
    {
        await using RunningEdge edge = Run(Options(new() { [MailAuthResult.SoftFail] = SpfAction.Greylist }));
        using TestClient client = await OpenAsync(edge);
        Assert.Equal("451 4.7.1 Greylisted, try again later", await client.AskAsync("MAIL FROM:<a@soft.test>"));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.StartsWith("451", await client.AskAsync("MAIL FROM:<a@soft.test>"), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith("250", await client.AskAsync("MAIL FROM:<A@soft.test>"), StringComparison.Ordinal);
        await client.AskAsync("RSET");
        Assert.StartsWith("451", await client.AskAsync("MAIL FROM:<other@soft.test>"), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromDays(34));
        Assert.StartsWith("250", await client.AskAsync("MAIL FROM:<a@soft.test>"), StringComparison.Ordinal);
        await client.AskAsync("RSET");
        _time.Advance(TimeSpan.FromDays(36));
        Assert.StartsWith("451", await client.AskAsync("MAIL FROM:<a@soft.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Result_is_remembered_for_as_long_as_its_records_live()
    {
        await using RunningEdge edge = Run(Options(Example));
        using TestClient client = await OpenAsync(edge);
        foreach (int asked in (int[])[1, 1, 2])
        {
            await client.AskAsync("MAIL FROM:<a@soft.test>");
            await client.AskAsync("RSET");
            Assert.Equal(asked, _dns.Questions.Count(static question => question == ("TXT", "soft.test")));
            if (asked == 1)
                _time.Advance(TimeSpan.FromMinutes(2.6));
        }
    }

    [Fact]
    public async Task Policy_that_cannot_be_looked_up_in_time_is_a_temporary_error()
    {
        TimeSpan limit = TimeSpan.FromSeconds(20);
        var time = new WatchedTime();
        var check = new SpfCheck(
            new SpfEvaluator(new SilentResolver(), new SpfOptions { Timeout = limit }, time),
            Options(new() { [MailAuthResult.TempError] = SpfAction.Parse("451 4.4.3 {reason}") }) with { ChecksHello = false });
        await using var edge = new RunningEdge(_queue, RunningEdge.ForStrangers with { Hooks = [check] });
        using TestClient client = await OpenAsync(edge);
        Task<string> answer = client.AskAsync("MAIL FROM:<a@slow.test>");
        await time.PassAsync(limit);
        Assert.Equal("451 4.4.3 the policy of slow.test cannot be looked up now: TXT slow.test: the time for the evaluation is over", await answer);
    }

    public void Dispose() => _queue.Dispose();

    private static SpfCheckOptions Options(Dictionary<MailAuthResult, SpfAction> actions) => new() { ServerId = "mx.mine.test", Actions = actions };

    private static async Task<TestClient> OpenAsync(RunningEdge edge)
    {
        TestClient client = await edge.ConnectAsync(Client);
        await client.HelloAsync();
        return client;
    }

    private RunningEdge Run(SpfCheckOptions options) =>
        new(_queue, RunningEdge.ForStrangers with { Hooks = [new SpfCheck(new SpfEvaluator(_dns, time: _time), options, _time)] });
}
