using System.Net;
using SlimtaFast.TestKit.Diagnostics;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.MailAuth.Tests;

public sealed class MailAuthMetricsTests
{
    [Fact]
    public async Task Answers_are_counted_by_result_identity_and_memory()
    {
        using var counts = new Counts();
        FakeResolver dns = new FakeResolver().Txt("example.org", "v=spf1 ip4:192.0.2.7 -all");
        var evaluator = new SpfEvaluator(dns, meters: counts);
        IPAddress permitted = IPAddress.Parse("192.0.2.7"), other = IPAddress.Parse("192.0.2.8");
        await evaluator.CheckAsync(SpfRequest.ForMailFrom(permitted, "a@example.org", "h.test"));
        await evaluator.CheckAsync(SpfRequest.ForMailFrom(permitted, "a@example.org", "h.test"));
        await evaluator.CheckAsync(SpfRequest.ForMailFrom(other, "a@example.org", "h.test"));
        await evaluator.CheckAsync(SpfRequest.ForHello(other, "[192.0.2.8]"));
        Assert.Equal(2, counts.Of("slimtafast.mailauth.spf result=pass"));
        Assert.Equal(1, counts.Of("slimtafast.mailauth.spf result=fail"));
        Assert.Equal(1, counts.Of("slimtafast.mailauth.spf result=none"));
        Assert.Equal(3, counts.Of("slimtafast.mailauth.spf identity=mailfrom"));
        Assert.Equal(1, counts.Of("slimtafast.mailauth.spf identity=helo"));
        Assert.Equal(1, counts.Of("slimtafast.mailauth.spf remembered=True"));
        Assert.Equal(3, counts.Of("slimtafast.mailauth.spf remembered=False"));
    }
}
