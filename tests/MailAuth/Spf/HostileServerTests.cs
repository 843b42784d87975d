using System.Net;
using SlimtaFast.Dns;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.MailAuth.Tests.Spf;

/// <summary>The real resolver, and a name server that is slow, broken, or lies.</summary>
public sealed class HostileServerTests
{
    private const int HeaderLength = 12;

    public static TheoryData<string> Lies => ["count", "length", "text", "cut", "empty", "random", "pointer"];

    [Fact]
    public async Task Truncated_answer_is_asked_for_again_over_tcp()
    {
        await using var server = new FakeDnsServer();
        server.Truncate("big.test").Txt("big.test", ["v=spf1 ", .. Enumerable.Repeat("ip4:203.0.113.77 ", 200), "ip4:192.0.2.1 -all"]);
        Assert.Equal(MailAuthResult.Pass, (await CheckAsync(server, "big.test")).Result);
        Assert.Contains(server.Questions, static question => question.OverTcp);
    }

    [Fact]
    public async Task Record_as_long_as_a_message_can_be_is_no_policy()
    {
        await using var server = new FakeDnsServer();
        server.Truncate("huge.test").Txt("huge.test", ["v=spf1 ", .. Enumerable.Repeat(new string('a', 200) + " ", 300)]);
        SpfFinding finding = await CheckAsync(server, "huge.test");
        Assert.Equal(MailAuthResult.PermError, finding.Result);
        Assert.Contains("too long", finding.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Refusal_to_answer_is_a_temporary_error(int code)
    {
        await using var server = new FakeDnsServer();
        server.Fail("broken.test", code).Txt("a.test", "v=spf1 a:broken.test -all");
        Assert.Equal(MailAuthResult.TempError, (await CheckAsync(server, "broken.test")).Result);
        Assert.Equal(MailAuthResult.TempError, (await CheckAsync(server, "a.test")).Result);
    }

    [Fact]
    public async Task Silence_is_a_temporary_error()
    {
        await using var server = new FakeDnsServer();
        server.Silence("silent.test").Txt("a.test", "v=spf1 include:silent.test -all");
        Assert.Equal(MailAuthResult.TempError, (await CheckAsync(server, "silent.test", seconds: 1)).Result);
        Assert.Equal(MailAuthResult.TempError, (await CheckAsync(server, "a.test", seconds: 1)).Result);
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Answer_that_lies_about_its_sizes_is_never_a_verdict(string lie)
    {
        await using var server = new FakeDnsServer();
        server.Txt("liar.test", "v=spf1 +all").Distort("liar.test", answer => Lie(lie, answer));
        SpfFinding finding = await CheckAsync(server, "liar.test");
        Assert.True(finding.Result is MailAuthResult.TempError, $"{finding.Result}: {finding.Problem}");
    }

    private static byte[] Lie(string kind, byte[] answer)
    {
        byte[] changed = [.. answer];
        // The record stands behind the question: its name, type, class, TTL, length, and then one string.
        int record = HeaderLength + "liar.test".Length + 2 + 4, data = record + "liar.test".Length + 2 + 10;
        switch (kind)
        {
            case "count":
                (changed[6], changed[7]) = (0x7F, 0xFF);
                return changed;
            case "length":
                (changed[data - 2], changed[data - 1]) = (0xFF, 0xFF);
                return changed;
            case "text":
                changed[data] = 0xFF;
                return changed;
            case "cut":
                return changed[..(data + 4)];
            case "empty":
                return changed[..HeaderLength];
            case "pointer":
                // A name that is compressed into itself.
                (changed[record], changed[record + 1]) = (0xC0, (byte)record);
                return changed;
            default:
                new Random(1).NextBytes(changed.AsSpan(HeaderLength));
                return changed;
        }
    }

    private static async Task<SpfFinding> CheckAsync(FakeDnsServer server, string domain, int seconds = 30)
    {
        var dns = new DnsClientResolver(new DnsResolverOptions { Servers = [server.EndPoint], Timeout = TimeSpan.FromSeconds(seconds), Retries = 0 }, TimeProvider.System);
        return await new SpfEvaluator(dns).CheckAsync(SpfRequest.ForMailFrom(IPAddress.Parse("192.0.2.1"), $"a@{domain}", "h.test"));
    }
}
