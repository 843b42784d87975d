using System.Net;
using System.Security.Cryptography;
using System.Text;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Peers.Slimta;

/// <summary>The real python-slimta at the other end of mail by HTTP, both ways.</summary>
public sealed class SlimtaTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [LongFact(SlimtaPrograms.Python)]
    public async Task Its_relay_hands_mail_to_our_edge_and_understands_refusals()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["message"], PeerMessage.Octets);
        await using var hop = new RecordingSink();
        string[] arguments = ["serve", "--listen", "http://127.0.0.1:0/mail", "--relay", $"smtp://127.0.0.1:{hop.Port}", "--hostname", "edge.test", "--trust", "192.0.2.0/24", "--accept-domain", "hop.test"];
        (RunningProgram server, IPEndPoint http) = await SlimtafastProgram.ListenAsync([.. arguments, "--storage", "disk:" + folder["spool"]]);
        await using RunningProgram ownedServer = server;
        string[] answers = await RelayAsync(http, folder["message"], "one@hop.test", "one@hop.test,zwei@hop.test", "x@foreign.test", "one@hop.test,x@foreign.test", "bad address", "two@hop.test");
        Assert.Equal(6, answers.Length);
        foreach (int sent in new[] { 0, 1, 5 })
            Assert.StartsWith("sent 250 2.6.0 Queued as ", answers[sent], StringComparison.Ordinal);
        // One that does not read single answers hears a refusal of all where one recipient is refused, so that nobody is lost in silence.
        Assert.StartsWith("permanent 550 5.7.1 ", answers[2], StringComparison.Ordinal);
        Assert.StartsWith("permanent 550 5.7.1 ", answers[3], StringComparison.Ordinal);
        Assert.StartsWith("permanent 501 5.1.3 ", answers[4], StringComparison.Ordinal);
        var arrived = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            (IReadOnlyList<string> recipients, byte[] content) = await hop.TakeAsync(Limit) ?? throw new TimeoutException(server.Output);
            // It parses and writes the header anew; the body is as it was.
            Assert.True(content.AsSpan().EndsWith(Body), Encoding.Latin1.GetString(content));
            Assert.Contains(" by edge.test with HTTP\r\n", Encoding.Latin1.GetString(content), StringComparison.Ordinal);
            arrived.Add(string.Join(',', recipients));
        }

        Assert.Equal(["one@hop.test", "one@hop.test,zwei@hop.test", "two@hop.test"], arrived.Order(StringComparer.Ordinal));
        Assert.Equal(0, await server.StopAsync());

        // A server without room puts off.
        (RunningProgram full, http) = await SlimtafastProgram.ListenAsync(
            new Dictionary<string, string> { ["SLIMTAFAST__Load__MinFreeDisk"] = "1000000G" }, [.. arguments, "--storage", "disk:" + folder["full"]]);
        await using RunningProgram ownedFull = full;
        Assert.StartsWith("transient 452 4.3.1 ", Assert.Single(await RelayAsync(http, folder["message"], "one@hop.test")), StringComparison.Ordinal);
    }

    [LongFact(SlimtaPrograms.Python)]
    public async Task Its_edge_takes_mail_from_our_relay_and_its_refusals_count()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["message"], PeerMessage.Octets);
        string body = Convert.ToHexStringLower(SHA256.HashData(Body));
        await File.WriteAllTextAsync(folder["edge.py"], SlimtaPrograms.Edge);
        await using RunningProgram peer = RunningProgram.Start(RepositoryTree.Find(SlimtaPrograms.Python), [folder["edge.py"]]);
        string port = (await peer.WaitForLineAsync(l => l.StartsWith("port ", StringComparison.Ordinal), Limit))[5..];
        (RunningProgram server, IPEndPoint smtp) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", "disk:" + folder["spool"], "--relay", $"http://127.0.0.1:{port}/mail", "--hostname", "relay.test");
        await using RunningProgram ownedServer = server;

        await SendAsync("a@hop.test", "zwölf@hop.test");
        await ExpectAsync($"GOT relay.test sender@client.test a@hop.test,zwölf@hop.test {body}");
        await SendAsync("later@hop.test");
        await ExpectAsync($"GOT relay.test sender@client.test later@hop.test {body}");
        await server.WaitForLineAsync(l => l.Contains("1 deferred", StringComparison.Ordinal) && l.Contains("450 4.2.2 Mailbox full", StringComparison.Ordinal), Limit);
        // The refusals come back to the sender as reports, by the same way.
        await SendAsync("refused@hop.test", "b@hop.test");
        await ExpectAsync($"GOT relay.test sender@client.test refused@hop.test,b@hop.test {body}");
        await ExpectAsync("Diagnostic-Code: smtp; 550 5.1.1 No such user");
        await SendAsync("broken@hop.test");
        await ExpectAsync("Diagnostic-Code: smtp; 550 5.6.0 Error queuing message");
        Assert.Equal(0, await server.StopAsync());

        // Where its pattern does not take the path, the URL is to be mended, and nothing is lost meanwhile.
        (RunningProgram astray, smtp) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", "disk:" + folder["astray"], "--relay", $"http://127.0.0.1:{port}/elsewhere");
        await using RunningProgram ownedAstray = astray;
        await SendAsync("a@hop.test");
        await astray.WaitForLineAsync(l => l.Contains("1 deferred", StringComparison.Ordinal) && l.Contains("404", StringComparison.Ordinal), Limit);

        Task ExpectAsync(string line) => peer.WaitForLineAsync(l => l == line, Limit);

        async Task SendAsync(params string[] to)
        {
            (int code, string output) = await RunningProgram.RunAsync(
                SlimtafastProgram.Path, ["send", "--server", $"smtp://{smtp}", "--from", "sender@client.test", .. to.SelectMany(t => new[] { "--to", t }), folder["message"]]);
            Assert.True(code == 0, output);
        }
    }

    private static ReadOnlySpan<byte> Body => PeerMessage.Octets.AsSpan(PeerMessage.Octets.AsSpan().IndexOf("\r\n\r\n"u8) + 4);

    private static async Task<string[]> RelayAsync(IPEndPoint http, string file, params string[] recipients)
    {
        (int code, string output) = await RunningProgram.RunAsync(RepositoryTree.Find(SlimtaPrograms.Python), ["-c", SlimtaPrograms.Relay, $"http://{http}/mail", file, .. recipients]);
        Assert.True(code == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
