using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Observability;

/// <summary>What operators' tools ask the running server.</summary>
public sealed partial class AdminTests
{
    private const int Messages = 20;

    [FullFact("promtool")]
    public async Task Scrape_counts_what_was_sent_and_promtool_accepts_it()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0");
        await using RunningProgram ownedSink = sink;
        await using ObservedServer server = await ObservedServer.StartOnAsync("disk:" + folder["spool"], $"smtp://{hop}", null, "--trust", "192.0.2.0/24", "--accept-domain", "ours.test");
        await using DialoguePeer client = await server.ConnectAsync();
        for (int i = 0; i < Messages; i++)
            Assert.StartsWith("250", await ObservedServer.SendAsync(client, "bob@ours.test"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1", await ObservedServer.SendAsync(client, "bob@else.test"), StringComparison.Ordinal);
        string page = await server.AskUntilAsync("/metrics", (status, body) => status == HttpStatusCode.OK && Value(body, "slimtafast_queue_delivered_total") == Messages);
        Assert.Equal(Messages, Value(page, "slimtafast_queue_accepted_total"));
        Assert.Equal(Messages, Value(page, "slimtafast_edge_messages_accepted_total"));
        Assert.Equal(1, Value(page, "slimtafast_edge_recipients_refused_total{reason=\"relay_denied\"}"));
        Assert.Equal(Messages, Value(page, "slimtafast_queue_delivery_latency_seconds_count"));
        Assert.Equal(1, Value(page, "slimtafast_edge_connections"));
        Assert.Equal(0, Value(page, "slimtafast_queue_suspended_hops"));
        Assert.True(Value(page, "slimtafast_storage_flush_duration_seconds_count") > 0);
        Assert.True(Value(page, "dotnet_process_memory_working_set_bytes") > 0, "The runtime's own instruments are missing.");

        // The documentation names every one of ours.
        string documented = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "observability.md"));
        string[] names = [.. OurTypes().Matches(page).Select(static match => match.Groups["name"].Value)];
        Assert.True(names.Length > 20, page);
        Assert.All(names, name => Assert.Contains($"`{name}`", documented, StringComparison.Ordinal));

        await using RunningProgram promtool = RunningProgram.Start("promtool", ["check", "metrics"]);
        await promtool.WriteAsync(page);
        promtool.CloseInput();
        int code = await promtool.WaitForExitAsync(TimeSpan.FromSeconds(60));
        // Of the runtime's own names it may think what it likes; for ours it has nothing to say.
        Assert.True(code is 0 or 3, promtool.Output);
        Assert.DoesNotContain("slimtafast", promtool.Output, StringComparison.Ordinal);
    }

    [FullFact]
    public async Task Server_that_stops_is_alive_but_not_ready()
    {
        await using ObservedServer server = await ObservedServer.StartAsync("blackhole:");
        (HttpStatusCode status, string ready) = await server.AskAsync("/health/ready");
        Assert.Equal(
            (HttpStatusCode.OK, """{"status":"ready","parts":[{"part":"server","ready":true},{"part":"listeners","ready":true},{"part":"storage","ready":true},{"part":"resources","ready":true}]}"""),
            (status, ready));

        // A transaction that runs keeps the server from ending.
        await using DialoguePeer client = await server.ConnectAsync();
        await ObservedServer.AnswerAsync(client, "MAIL FROM:<alice@client.test>");
        await ObservedServer.AnswerAsync(client, "RCPT TO:<bob@ours.test>");
        Assert.StartsWith("354", await ObservedServer.AnswerAsync(client, "DATA"), StringComparison.Ordinal);
        server.Program.Signal(PosixSignal.SIGTERM);
        string stopping = await server.AskUntilAsync("/health/ready", static (code, _) => code == HttpStatusCode.ServiceUnavailable);
        Assert.Contains("""{"part":"server","ready":false,"why":"it is stopping"}""", stopping, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync("/health/live")).Status);
        Assert.StartsWith("250", await ObservedServer.AnswerAsync(client, "."), StringComparison.Ordinal);
        Assert.Equal(0, await server.Program.WaitForExitAsync(TimeSpan.FromSeconds(60)));
    }

    [FullFact]
    public async Task Wrong_or_missing_token_and_foreign_pages_are_refused()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["token"], "the secret\n");
        await using ObservedServer server = await ObservedServer.StartAsync("blackhole:", new Dictionary<string, string> { ["Admin:TokenFile"] = folder["token"], ["Admin:HostNames"] = "mx.ours.test" });
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync("/health/ready")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.AskAsync("/metrics")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.AskAsync("/metrics", "the secret?")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync("/metrics", "the secret")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync("/metrics", "the secret", host: "mx.ours.test:2580")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.AskAsync("/metrics", "the secret", host: "attacker.test")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.AskAsync("/metrics", "the secret", origin: "http://attacker.test")).Status);
    }

    [FullFact]
    public async Task Public_address_without_a_token_is_refused_at_start()
    {
        await using RunningProgram program = RunningProgram.Start(SlimtafastProgram.Path, ["serve", "--listen", "127.0.0.1:0", "--storage", "memory:", "--admin", "0.0.0.0:0"]);
        Assert.Equal(2, await program.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("Admin:Listen: '0.0.0.0:0' is not a loopback address", program.Output, StringComparison.Ordinal);
        Assert.Contains("Admin:TokenFile", program.Output, StringComparison.Ordinal);
    }

    // The first series of that name, or the one with just these labels.
    private static double Value(string page, string series)
    {
        Match match = Regex.Match(page, "^" + Regex.Escape(series) + @"(\{[^}]*\})? (?<value>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture);
        return match.Success ? double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture) : double.NaN;
    }

    [GeneratedRegex(@"^# TYPE (?<name>slimtafast_\w+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex OurTypes();
}
