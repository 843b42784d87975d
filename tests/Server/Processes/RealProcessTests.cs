using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Server.Tests.Processes;

/// <summary>The executable as people start it.</summary>
public sealed class RealProcessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("disk:{0}")]
    [InlineData("disk:{0}?journal=off")]
    [InlineData("memory:")]
    public async Task Message_goes_from_a_client_through_the_queue_to_the_next_hop(string storage)
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", string.Format(null, storage, folder["spool"]), "--relay", $"smtp://{hop}", "--hostname", "mx.example.org");
        await using RunningProgram ownedServer = server;

        await SendByMailKitAsync(endPoint, "the body of it");
        await sink.WaitForLineAsync(l => l == "the body of it", Limit);
        Assert.Contains("MAIL FROM:<a@client.test>", sink.Output, StringComparison.Ordinal);
        Assert.Contains("RCPT TO:<b@hop.test>", sink.Output, StringComparison.Ordinal);
        Assert.Contains("by mx.example.org", sink.Output, StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(0, await sink.StopAsync());
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task Held_message_survives_a_graceful_stop_and_goes_out_with_another_relay(PosixSignal signal)
    {
        using var folder = new TemporaryFolder();
        (RunningProgram holding, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--relay", "hold:");
        await using (holding)
        {
            await SendByMailKitAsync(endPoint, "kept for later");
            holding.Signal(signal);
            Assert.Equal(0, await holding.WaitForExitAsync(Limit));
        }

        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram relaying, _) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--relay", $"smtp://{hop}");
        await using RunningProgram ownedRelaying = relaying;
        await sink.WaitForLineAsync(l => l == "kept for later", Limit);
        Assert.Equal(0, await relaying.StopAsync());
    }

    [Fact]
    public async Task Second_server_on_the_same_spool_is_refused_with_the_lock()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram first, _) = await SlimtafastProgram.ListenAsync("serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--relay", "hold:");
        await using RunningProgram owned = first;
        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--relay", "hold:"]);
        Assert.Equal(1, code);
        Assert.Contains(".lock is locked", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal(0, await first.StopAsync());
    }

    [Fact]
    public async Task Foreign_client_may_send_to_accepted_domains_only()
    {
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", "memory:", "--relay", "blackhole:", "--trust", "127.0.0.2/32", "--accept-domain", "mine.test");
        await using RunningProgram owned = server;
        var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => SendByMailKitAsync(endPoint, "x"));
        Assert.Equal(SmtpErrorCode.RecipientNotAccepted, refused.ErrorCode);
        Assert.Equal(SmtpStatusCode.MailboxUnavailable, refused.StatusCode);
        await SendByMailKitAsync(endPoint, "x", "b@mine.test");
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Environment_is_a_source_of_settings_and_its_mistakes_are_named()
    {
        await using RunningProgram check = RunningProgram.Start(
            SlimtafastProgram.Path, ["check"], environment: new Dictionary<string, string> { ["SLIMTAFAST__MaxConections"] = "5" });
        Assert.Equal(2, await check.WaitForExitAsync(Limit));
        await check.WaitForLineAsync(l => l == "slimtafast: MaxConections: there is no such key; did you mean MaxConnections?", Limit);
    }

    [Theory]
    [InlineData("--lockstep")]
    [InlineData("--pipeline")]
    [InlineData("--bdat")]
    public async Task Bench_counts_what_the_sink_counts(string mode)
    {
        (RunningProgram sink, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--exit-after", "300", "--threads", "1");
        await using RunningProgram owned = sink;
        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["bench", $"smtp://{endPoint}", "--messages", "300", "--connections", "7", "--messages-per-connection", "11", "--size", "2000", "--json", mode]);
        Assert.Equal(0, code);
        using JsonDocument report = JsonDocument.Parse(output);
        Assert.Equal(300, report.RootElement.GetProperty("msgs").GetInt64());
        Assert.Equal(0, report.RootElement.GetProperty("failed").GetInt64());
        Assert.Equal(2000, report.RootElement.GetProperty("octets").GetInt64());
        Assert.InRange(report.RootElement.GetProperty("connections").GetInt64(), 28, 35);
        Assert.Equal(0, await sink.WaitForExitAsync(Limit));
        Assert.Contains("{\"messages\":300,\"seconds\":", sink.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_at_a_rate_keeps_it()
    {
        (RunningProgram sink, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--threads", "1");
        await using RunningProgram owned = sink;
        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["bench", $"smtp://{endPoint}", "--rate", "200", "--duration", "1s", "--connections", "5", "--threads", "1", "--json"]);
        Assert.Equal(0, code);
        using JsonDocument report = JsonDocument.Parse(output);
        Assert.Equal(200, report.RootElement.GetProperty("msgs").GetInt64());
        Assert.InRange(report.RootElement.GetProperty("secs").GetDouble(), 0.99, 30);
    }

    [Fact]
    public async Task Send_hands_a_file_over_and_shows_the_answer()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["m.eml"], "Subject: x\n\n.a dot\nlast line");
        (RunningProgram sink, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram owned = sink;
        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["send", "--server", $"smtp://{endPoint}", "--from", "<>", "--to", "b@hop.test", "--to", "c@hop.test", folder["m.eml"]]);
        Assert.Equal(0, code);
        Assert.Equal("b@hop.test: 250 2.0.0 Ok: printed\nc@hop.test: 250 2.0.0 Ok: printed", output);
        await sink.WaitForLineAsync(l => l == "last line", Limit);
        Assert.Contains("\n.a dot\n", sink.Output, StringComparison.Ordinal);
        Assert.Contains("MAIL FROM:<>", sink.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_to_nobody_fails_with_the_reason()
    {
        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["send", "--server", $"smtp://127.0.0.1:{RunningProgram.FreePort()}", "--from", "a@client.test", "--to", "b@hop.test", "--wait", "1ms"], input: "Subject: x\n");
        Assert.Equal(1, code);
        Assert.StartsWith("b@hop.test: 4", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_waits_for_a_server_that_is_only_starting()
    {
        int port = RunningProgram.FreePort();
        Task<(int Code, string Output)> sending = RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["send", "--server", $"smtp://127.0.0.1:{port}", "--from", "a@client.test", "--to", "b@hop.test", "--wait", "1m"], input: "Subject: x\n");
        (RunningProgram sink, _) = await SlimtafastProgram.ListenAsync("sink", "--listen", $"127.0.0.1:{port}", "--print");
        await using RunningProgram owned = sink;
        (int code, string output) = await sending;
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Embedding_sample_delivers_a_message()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        // From its own folder: the frameworks of these tests are not those of the sample.
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string sample = RepositoryTree.Find(Path.Combine("samples", "Embed", "bin", configuration, "net10.0", OperatingSystem.IsWindows() ? "Embed.exe" : "Embed"));
        await using RunningProgram embedded = RunningProgram.Start(sample, [hop.Address.ToString(), hop.Port.ToString(null as IFormatProvider)], folder.Path);
        string line = await embedded.WaitForLineAsync(l => l.StartsWith("listening on ", StringComparison.Ordinal), Limit);
        await SendByMailKitAsync(IPEndPoint.Parse(line["listening on ".Length..]), "by the sample");
        await sink.WaitForLineAsync(l => l == "by the sample", Limit);
        embedded.CloseInput();
        Assert.Equal(0, await embedded.WaitForExitAsync(Limit));
    }

    private static async Task SendByMailKitAsync(IPEndPoint server, string text, string to = "b@hop.test")
    {
        using var client = new SmtpClient();
        await client.ConnectAsync(server.Address.ToString(), server.Port, SecureSocketOptions.None);
        using var message = new MimeMessage([new MailboxAddress("", "a@client.test")], [new MailboxAddress("", to)], "test", new TextPart { Text = text });
        await client.SendAsync(message);
        await client.DisconnectAsync(true);
    }
}
