using SlimtaFast.Server.Commands;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.Server.Tests.Commands;

public sealed class SpfCommandTests
{
    [Fact]
    public async Task Evaluation_is_printed_as_a_tree()
    {
        await using var dns = new FakeDnsServer();
        dns.Txt("example.net", "v=spf1 include:_spf.example.com -all").Txt("_spf.example.com", "v=spf1 ip4:192.0.2.0/24 ~all");
        (int code, string output, string error) = await RunAsync("spf", "check", "192.0.2.7", "a@example.net", "mail.example.net", "--dns", dns.EndPoint.ToString());
        Assert.True(code == 0, error);
        Assert.Contains(
            """
            HELO postmaster@mail.example.net, client 192.0.2.7, HELO mail.example.net
            |- none: mail.example.net does not exist
            `- result: none
            none: mail.example.net says nothing about its senders
            """.ReplaceLineEndings("\n"),
            output.ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
        Assert.Contains(
            """
            MAIL FROM a@example.net, client 192.0.2.7, HELO mail.example.net
            |- example.net: v=spf1 include:_spf.example.com -all
            |- include:_spf.example.com (1 of 10)
            |  |- _spf.example.com: v=spf1 ip4:192.0.2.0/24 ~all
            |  |- ip4:192.0.2.0/24: matches: pass
            |  `- matches: pass
            `- result: pass
            pass: example.net designates 192.0.2.7 as permitted sender
            Received-SPF: pass (
            """.ReplaceLineEndings("\n").TrimEnd(),
            output.ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IP", "nowhere", "a@example.net", "h")]
    [InlineData("not an address", "192.0.2.7", "a@", "h")]
    [InlineData("--dns", "192.0.2.7", "a@example.net", "h", "--dns", "a name")]
    public async Task Mistake_is_told(string wrong, params string[] arguments)
    {
        (int code, _, string error) = await RunAsync(["spf", "check", .. arguments]);
        Assert.Equal(2, code);
        Assert.Contains(wrong, error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLine.RunAsync(arguments, output, error, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
