using System.Net;
using SlimtaFast.TestKit.Dns;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Processes;

/// <summary>The executable with the documented example of SPF: fail is refused, softfail accepted with a note, and both are told in header fields.</summary>
public sealed class SpfProcessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Sender_is_asked_whom_it_lets_send()
    {
        await using var dns = new FakeDnsServer();
        dns.Txt("fail.test", "v=spf1 -all").Txt("soft.test", "v=spf1 ~all");
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        var settings = new Dictionary<string, string>
        {
            ["SLIMTAFAST__Dns__Servers"] = dns.EndPoint.ToString(),
            ["SLIMTAFAST__Spf__Check"] = "mail",
            ["SLIMTAFAST__Spf__Fail"] = "550 5.7.1 Access denied; {reason}",
            ["SLIMTAFAST__Spf__SoftFail"] = "250 2.0.0 Ok; {reason}",
        };
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            settings, "serve", "--listen", "127.0.0.1:0", "--storage", "memory:", "--relay", $"smtp://{hop}", "--hostname", "mx.mine.test", "--trust", "192.0.2.255/32", "--accept-domain", "mine.test");
        await using RunningProgram ownedServer = server;

        (int refused, string answer) = await SendAsync(endPoint, "a@fail.test");
        Assert.Equal(1, refused);
        Assert.Contains("Access denied; fail.test does not designate 127.0.0.1 as permitted sender", answer, StringComparison.Ordinal);
        (int accepted, answer) = await SendAsync(endPoint, "a@soft.test");
        Assert.True(accepted == 0, answer);
        await sink.WaitForLineAsync(static line => line == "the body of it", Limit);
        string[] fields = [.. sink.Output.Split('\n').Where(static line => line.Contains(':', StringComparison.Ordinal) && !line.StartsWith(' '))];
        int first = Array.FindIndex(fields, static line => line.StartsWith("Authentication-Results: mx.mine.test;", StringComparison.Ordinal));
        Assert.True(first >= 0 && first < Array.FindIndex(fields, static line => line.StartsWith("Received: ", StringComparison.Ordinal)), sink.Output);
        Assert.Single(fields, static line => line.StartsWith("Authentication-Results", StringComparison.Ordinal));
        Assert.Contains(" smtp.mailfrom=a@soft.test", sink.Output, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output)> SendAsync(IPEndPoint server, string from) => RunningProgram.RunAsync(
        SlimtafastProgram.Path,
        ["send", "--server", $"smtp://{server}", "--from", from, "--to", "b@mine.test"],
        "Authentication-Results: mx.mine.test; spf=pass\nSubject: x\n\nthe body of it\n",
        Limit);
}
