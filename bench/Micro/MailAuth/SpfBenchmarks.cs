using System.Net;
using BenchmarkDotNet.Attributes;
using SlimtaFast.MailAuth;
using SlimtaFast.MailAuth.Spf;

namespace SlimtaFast.Micro.MailAuth;

/// <summary>
/// SPF of a large sender: three includes, then a network among many; all answers are in the resolver's cache. With the result remembered,
/// with policies that were read before, and with the reading of a record alone.
/// </summary>
[MemoryDiagnoser]
public class SpfBenchmarks
{
    private const string Networks = "v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/24 ip6:2001:db8:1::/48 ip4:192.0.2.128/25 ip4:192.0.2.0/26 ~all";

    private readonly SpfRequest _request = SpfRequest.ForMailFrom(IPAddress.Parse("192.0.2.7"), "bounce-12345@news.example.com", "mx7.example.net");
    private SpfEvaluator _remembering = null!;
    private SpfEvaluator _evaluating = null!;

    [GlobalSetup]
    public void Setup()
    {
        var dns = new CachedAnswers();
        dns.Text("news.example.com", "v=spf1 include:_spf1.example.net include:_spf2.example.net a:mail.example.com include:_spf3.example.net -all");
        dns.Text("_spf1.example.net", "v=spf1 ip4:198.51.100.0/24 ~all");
        dns.Text("_spf2.example.net", "v=spf1 ip4:203.0.113.0/24 exists:%{ir}.%{l1r-}._spf.example.net ~all");
        dns.Text("_spf3.example.net", Networks);
        dns.Address("mail.example.com", "203.0.113.8");
        _remembering = new SpfEvaluator(dns);
        _evaluating = new SpfEvaluator(dns, new SpfOptions { MaxCachedResults = 0 });
        if (Remembered() != MailAuthResult.Pass || Evaluated() != MailAuthResult.Pass)
            throw new InvalidOperationException("The sender does not pass.");
    }

    [Benchmark]
    public MailAuthResult Remembered() => Finish(_remembering.CheckAsync(_request)).Result;

    [Benchmark]
    public MailAuthResult Evaluated() => Finish(_evaluating.CheckAsync(_request)).Result;

    [Benchmark]
    public object Read() => SpfRecordParser.Parse(Networks);

    private static SpfFinding Finish(ValueTask<SpfFinding> finding) => finding.IsCompletedSuccessfully ? finding.Result : throw new InvalidOperationException("The cache did not answer.");
}
