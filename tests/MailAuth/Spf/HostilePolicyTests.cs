using System.Net;
using SlimtaFast.Dns;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.MailAuth.Tests.Spf;

/// <summary>Policies that were published to cost us: bounded questions, bounded memory, and the result that the RFC asks for.</summary>
public sealed class HostilePolicyTests
{
    private readonly FakeResolver _dns = new();

    [Theory]
    [InlineData("v=spf1 include:evil.test -all")]
    [InlineData("v=spf1 redirect=evil.test")]
    [InlineData("v=spf1 include:a.evil.test include:a.evil.test include:a.evil.test -all")]
    public async Task Policy_that_leads_to_itself_ends(string record)
    {
        _dns.Txt("evil.test", record).Txt("a.evil.test", record);
        SpfFinding finding = await CheckAsync();
        Assert.Equal(MailAuthResult.PermError, finding.Result);
        Assert.True(_dns.Questions.Count <= 11);
    }

    [Fact]
    public async Task Tree_of_includes_asks_no_more_than_a_line_of_them()
    {
        _dns.Txt("evil.test", "v=spf1 " + string.Join(' ', Enumerable.Range(0, 50).Select(static i => $"include:i{i}.evil.test")));
        for (int i = 0; i < 50; i++)
            _dns.Txt($"i{i}.evil.test", $"v=spf1 include:i{(i * 7) % 50}.evil.test ?all");
        Assert.Equal(MailAuthResult.PermError, (await CheckAsync()).Result);
        Assert.True(_dns.Questions.Count <= 11);
    }

    [Fact]
    public async Task Most_questions_of_one_policy_are_those_of_ten_mx_of_ten_hosts()
    {
        _dns.Txt("evil.test", "v=spf1 " + string.Join(' ', Enumerable.Range(0, 20).Select(static i => $"mx:m{i}.evil.test")));
        for (int i = 0; i < 20; i++)
        {
            _dns.Mx($"m{i}.evil.test", [.. Enumerable.Range(0, 10).Select(host => (host, $"h{host}.m{i}.evil.test"))]);
            for (int host = 0; host < 10; host++)
                _dns.Host($"h{host}.m{i}.evil.test", "203.0.113.9");
        }

        Assert.Equal(MailAuthResult.PermError, (await CheckAsync()).Result);
        Assert.Equal(1 + 10 + 100, _dns.Questions.Count);
    }

    [Fact]
    public async Task Names_that_do_not_exist_are_asked_for_three_times_at_most()
    {
        _dns.Txt("evil.test", "v=spf1 " + string.Join(' ', Enumerable.Range(0, 10).Select(static i => $"a:v{i}.victim.test")));
        Assert.Equal(MailAuthResult.PermError, (await CheckAsync()).Result);
        Assert.Equal(3, _dns.Questions.Count(static question => question.Kind == "A"));
    }

    [Theory]
    [InlineData("v=spf1 ip4:192.0.2.1\0 -all")]
    [InlineData("v=spf1 \u0007all")]
    [InlineData("v=spf1 a:\u001b[2J.evil.test -all")]
    [InlineData("v=spf1\0-all")]
    [InlineData("v=spf1 +all\r\nX-Injected: yes")]
    public async Task Control_characters_make_no_policy_and_reach_no_text(string record)
    {
        _dns.Txt("evil.test", record);
        var trace = new EvaluationTrace();
        SpfFinding finding = await CheckAsync(trace);
        Assert.True(finding.Result is MailAuthResult.PermError or MailAuthResult.None);
        string all = $"{trace}{finding.Reason}{finding.Problem}{finding.Mechanism}{ReceivedSpf.Write("mx.test", finding).Replace("\r\n ", "", StringComparison.Ordinal).TrimEnd()}";
        Assert.DoesNotContain(all, static c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain("\nX-Injected", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_of_megabytes_costs_no_memory_of_ours()
    {
        _dns.Txt("evil.test", "v=spf1 " + string.Concat(Enumerable.Repeat("ip4:10.0.0.1 ", 400_000)));
        var evaluator = new SpfEvaluator(_dns);
        long before = GC.GetAllocatedBytesForCurrentThread();
        SpfFinding finding = await evaluator.CheckAsync(Request());
        Assert.Equal(MailAuthResult.PermError, finding.Result);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Theory]
    [InlineData("\r\n250 Ok")]
    [InlineData("\0\u001b]0;owned\u0007")]
    public async Task Explanation_that_is_not_printable_is_none(string text)
    {
        _dns.Txt("evil.test", "v=spf1 -all exp=x.evil.test").Txt("x.evil.test", text);
        SpfFinding finding = await CheckAsync();
        Assert.Equal(MailAuthResult.Fail, finding.Result);
        Assert.Null(finding.Explanation);
    }

    [Fact]
    public async Task Explanation_is_cut()
    {
        _dns.Txt("evil.test", "v=spf1 -all exp=x.evil.test").Txt("x.evil.test", string.Concat(Enumerable.Repeat("%{s} ", 3000)));
        Assert.Equal(500, (await CheckAsync()).Explanation!.Length);
    }

    [Fact]
    public async Task Sender_cannot_write_into_the_explanation_what_could_do_harm()
    {
        _dns.Txt("evil.test", "v=spf1 -all exp=x.evil.test").Txt("x.evil.test", "%{l} %{L} %{h}");
        SpfFinding finding = await new SpfEvaluator(_dns).CheckAsync(SpfRequest.ForMailFrom(IPAddress.Parse("192.0.2.1"), "\"a\r\nb\u00e9\"@evil.test", "h\0\u001b"));
        Assert.Equal("\"a??b?\" %22a%0D%0Ab%C3%A9%22 h??", finding.Explanation);
    }

    [Fact]
    public async Task Remembered_results_are_bounded()
    {
        _dns.Txt("evil.test", "v=spf1 exists:%{l}.evil.test -all");
        var evaluator = new SpfEvaluator(_dns, new SpfOptions { MaxCachedResults = 16 });
        for (int i = 0; i < 1000; i++)
            await evaluator.CheckAsync(SpfRequest.ForMailFrom(IPAddress.Parse("192.0.2.1"), $"a{i}@evil.test", "h.test"));
        Assert.InRange(evaluator.CachedResults, 1, 16);
    }

    [Fact]
    public async Task Result_that_depends_on_the_local_part_is_not_that_of_another()
    {
        _dns.Txt("good.test", "v=spf1 exists:%{l}.users.good.test -all").Host("known.users.good.test", "127.0.0.2");
        var evaluator = new SpfEvaluator(_dns);
        foreach ((string user, MailAuthResult result) in ((string, MailAuthResult)[])[("known", MailAuthResult.Pass), ("other", MailAuthResult.Fail), ("known", MailAuthResult.Pass)])
            Assert.Equal(result, (await evaluator.CheckAsync(SpfRequest.ForMailFrom(IPAddress.Parse("192.0.2.1"), $"{user}@good.test", "h.test"))).Result);
        Assert.Equal(2, _dns.Questions.Count(static question => question.Kind == "A"));
    }

    [Fact]
    public async Task Result_that_depends_on_nothing_else_is_that_of_all_senders()
    {
        _dns.Txt("good.test", "v=spf1 a -all").Host("good.test", "192.0.2.1");
        var evaluator = new SpfEvaluator(_dns);
        for (int i = 0; i < 10; i++)
        {
            SpfFinding finding = await evaluator.CheckAsync(SpfRequest.ForMailFrom(IPAddress.Parse("192.0.2.1"), $"u{i}@good.test", $"h{i}.test"));
            Assert.Equal($"u{i}@good.test", finding.Request.Sender);
        }

        Assert.Equal(2, _dns.Questions.Count);
    }

    [Fact]
    public async Task Internationalized_domain_is_looked_up_as_a_labels()
    {
        _dns.Txt("xn--bcher-kva.test", "v=spf1 ip4:192.0.2.1 -all");
        SpfFinding finding = await new SpfEvaluator(_dns).CheckAsync(SpfRequest.ForMailFrom(IPAddress.Parse("192.0.2.1"), "\u00e4@B\u00fccher.test", "h.test"));
        Assert.Equal(MailAuthResult.Pass, finding.Result);
        Assert.Equal("xn--bcher-kva.test", finding.Domain);
    }

    [Theory]
    [InlineData("v=spf1 -exists:%{l}.good.test ip4:192.0.2.1 -all", MailAuthResult.Pass)]
    [InlineData("v=spf1 include:%{l}.good.test ip4:192.0.2.1 -all", MailAuthResult.Pass)]
    [InlineData("v=spf1 -all exp=%{l}.good.test", MailAuthResult.Fail)]
    public async Task Term_with_a_local_part_that_is_not_ascii_matches_nothing(string record, MailAuthResult result)
    {
        _dns.Txt("good.test", record);
        Assert.Equal(result, (await new SpfEvaluator(_dns).CheckAsync(SpfRequest.ForMailFrom(IPAddress.Parse("192.0.2.1"), "\u00e4@good.test", "h.test"))).Result);
    }

    [Fact]
    public async Task Term_counts_once_however_many_of_its_questions_find_nothing()
    {
        // RFC 7208 section 4.6.4 limits the terms: exchangers with addresses of the other family only are no mistake.
        _dns.Txt("good.test", "v=spf1 mx ip4:192.0.2.1 -all").Mx("good.test", [.. Enumerable.Range(0, 5).Select(static i => (i, $"m{i}.good.test"))]);
        for (int i = 0; i < 5; i++)
            _dns.Host($"m{i}.good.test", "2001:db8::1");
        Assert.Equal(MailAuthResult.Pass, (await CheckAsync(domain: "good.test")).Result);
    }

    [Fact]
    public async Task Failure_of_the_dns_is_a_temporary_error_and_never_a_verdict()
    {
        _dns.Txt("a.test", "v=spf1 a:slow.test -all").Status("A", "slow.test", DnsStatus.Failed)
            .Txt("m.test", "v=spf1 mx:slow.test -all").Status("MX", "slow.test", DnsStatus.Failed)
            .Txt("h.test", "v=spf1 mx -all").Mx("h.test", (1, "slow.test"))
            .Txt("e.test", "v=spf1 exists:slow.test -all")
            .Txt("i.test", "v=spf1 include:slow.test -all").Status("TXT", "slow.test", DnsStatus.Failed)
            .Txt("r.test", "v=spf1 redirect=slow.test")
            .Status("TXT", "t.test", DnsStatus.Failed);
        foreach (string domain in (string[])["a.test", "m.test", "h.test", "e.test", "i.test", "r.test", "t.test"])
            Assert.Equal(MailAuthResult.TempError, (await CheckAsync(domain: domain)).Result);
        // Section 5.5: but a name that cannot be looked up just does not match.
        _dns.Txt("p.test", "v=spf1 ptr -all").Status("PTR", "192.0.2.1", DnsStatus.Failed);
        Assert.Equal(MailAuthResult.Fail, (await CheckAsync(domain: "p.test")).Result);
    }

    private static SpfRequest Request(string domain = "evil.test") => SpfRequest.ForMailFrom(IPAddress.Parse("192.0.2.1"), $"a@{domain}", "h.test");

    private async Task<SpfFinding> CheckAsync(EvaluationTrace? trace = null, string domain = "evil.test") => await new SpfEvaluator(_dns).CheckAsync(Request(domain), trace);
}
