using System.Net;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.MailAuth.Tests;

public sealed class EvaluationTraceTests
{
    [Fact]
    public async Task Evaluation_is_a_tree()
    {
        FakeResolver dns = new FakeResolver()
            .Txt("example.org", "v=spf1 ip4:192.0.2.9 include:_spf.example.net mx -all")
            .Txt("_spf.example.net", "v=spf1 a:a.example.net ~all")
            .Host("a.example.net", "192.0.2.8", "2001:db8::8")
            .Mx("example.org", (10, "mx.example.org"))
            .Host("mx.example.org", "192.0.2.7");
        var trace = new EvaluationTrace();
        await new SpfEvaluator(dns).CheckAsync(SpfRequest.ForMailFrom(IPAddress.Parse("192.0.2.7"), "a@Example.org", "h.test"), trace);
        Assert.Equal(
            """
            MAIL FROM a@Example.org, client 192.0.2.7, HELO h.test
            |- example.org: v=spf1 ip4:192.0.2.9 include:_spf.example.net mx -all
            |- ip4:192.0.2.9: does not match
            |- include:_spf.example.net (1 of 10)
            |  |- _spf.example.net: v=spf1 a:a.example.net ~all
            |  |- a:a.example.net (2 of 10)
            |  |  |- a.example.net: 192.0.2.8
            |  |  `- does not match
            |  |- ~all: matches: softfail
            |  `- does not match
            |- mx (3 of 10)
            |  |- example.org: mx.example.org
            |  |- mx.example.org: 192.0.2.7
            |  `- matches: pass
            `- result: pass
            """.ReplaceLineEndings("\n"),
            trace.ToString());
    }

    [Fact]
    public void Steps_and_texts_are_bounded_and_printable()
    {
        var trace = new EvaluationTrace();
        trace.Enter("root");
        for (int i = 0; i < 10_000; i++)
            trace.Add(new string('x', 100_000));
        trace.Leave();
        Assert.Equal(EvaluationTrace.MostSteps, trace.Steps.Count);
        Assert.EndsWith("... and 9501 more steps", trace.ToString(), StringComparison.Ordinal);
        var other = new EvaluationTrace();
        other.Add("a\u001b[2J\r\n\u00e9");
        Assert.Equal("a?[2J???", other.ToString());
        Assert.Throws<InvalidOperationException>(other.Leave);
    }
}
