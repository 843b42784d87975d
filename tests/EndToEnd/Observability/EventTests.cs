using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Http;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Observability;

/// <summary>The running server tells what becomes of mail.</summary>
public sealed class EventTests
{
    private const string Taken = "HTTP/1.1 204 No Content\r\n\r\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [FullFact]
    public async Task File_tells_delivery_bounce_and_refusal_and_log_lines_have_the_same_names()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0");
        await using RunningProgram ownedSink = sink;
        await File.WriteAllTextAsync(folder["slimtafast.json"], $$"""
            { "Events": { "File": "{{folder["events.jsonl"]}}" }, "Routes": [ { "Domains": ["gone.test"], "Relay": "pipe:/bin/sh -c 'exit 67'" } ] }
            """);
        await using ObservedServer server = await ObservedServer.StartAsync(
            $"smtp://{hop}", null, "--config", folder["slimtafast.json"], "--trust", "192.0.2.0/24", "--accept-domain", "ours.test", "--accept-domain", "gone.test", "--log-format", "json");
        await using DialoguePeer client = await server.ConnectAsync();
        Assert.StartsWith("250", await ObservedServer.SendAsync(client, "bob@ours.test"), StringComparison.Ordinal);
        Assert.StartsWith("250", await ObservedServer.SendAsync(client, "nobody@gone.test"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1", await ObservedServer.SendAsync(client, "bob@else.test"), StringComparison.Ordinal);

        // The report of the bounce is delivered as well.
        JsonElement[] events = await WaitAsync(folder["events.jsonl"], 4);
        JsonElement delivered = Assert.Single(events, e => Text(e, "event") == "delivered" && Text(e, "recipient") == "bob@ours.test");
        Assert.Equal(("alice@client.test", 250, 1, "127.0.0.1"), (Text(delivered, "sender"), Number(delivered, "replyCode"), Number(delivered, "attempt"), Text(delivered, "client")));
        Assert.Contains($":{hop.Port}", Text(delivered, "nextHop"), StringComparison.Ordinal);
        JsonElement bounced = Assert.Single(events, e => Text(e, "event") == "bounced");
        Assert.Equal("nobody@gone.test", Text(bounced, "recipient"));
        Assert.InRange(Number(bounced, "replyCode"), 500, 599);
        JsonElement refused = Assert.Single(events, e => Text(e, "event") == "refused");
        Assert.Equal(("bob@else.test", 550, "5.7.1", "relay_denied"), (Text(refused, "recipient"), Number(refused, "replyCode"), Text(refused, "enhancedStatus"), Text(refused, "reason")));
        Assert.Equal(Text(delivered, "sessionId"), Text(refused, "sessionId"));
        Assert.Single(events, e => Text(e, "event") == "delivered" && Text(e, "sender") == "" && Text(e, "recipient") == "alice@client.test");

        // Both names stand in the log's lines of the same message, and the session's in the refusal's.
        (string session, string id) = (Text(delivered, "sessionId")!, Text(delivered, "queueId")!);
        foreach (int number in (int[])[3000, 3001])
            await server.Program.WaitForLineAsync(line => IsLog(line, number) && Values(line) is { } v && v.GetProperty("Id").GetString() == id && v.GetProperty("Session").GetString() == session, Patience);
        await server.Program.WaitForLineAsync(line => IsLog(line, 1003) && Values(line).GetProperty("Session").GetString() == session, Patience);
        Assert.StartsWith("221", await ObservedServer.AnswerAsync(client, "QUIT"), StringComparison.Ordinal);
        Assert.Equal(0, await server.Program.StopAsync());
    }

    [FullFact]
    public async Task Deferral_is_told_with_what_was_answered()
    {
        using var folder = new TemporaryFolder();
        await using ObservedServer server = await ObservedServer.StartAsync(
            "pipe:/bin/sh -c 'echo mailbox busy; exit 75'", new Dictionary<string, string> { ["Events:File"] = folder["events.jsonl"] });
        await using DialoguePeer client = await server.ConnectAsync();
        Assert.StartsWith("250", await ObservedServer.SendAsync(client, "bob@ours.test"), StringComparison.Ordinal);
        JsonElement deferred = (await WaitAsync(folder["events.jsonl"], 1))[0];
        Assert.Equal(("deferred", "bob@ours.test", 1), (Text(deferred, "event"), Text(deferred, "recipient"), Number(deferred, "attempt")));
        Assert.InRange(Number(deferred, "replyCode"), 400, 499);
        Assert.Contains("mailbox busy", Text(deferred, "replyText"), StringComparison.Ordinal);
    }

    [FullFact]
    public async Task Webhook_that_is_down_and_comes_back_misses_nothing()
    {
        int port = RunningProgram.FreePort();
        await using ObservedServer server = await ObservedServer.StartAsync(
            "blackhole:", new Dictionary<string, string> { ["Events:Webhook"] = $"http://127.0.0.1:{port}/events", ["Events:WebhookDelay"] = "10ms", ["Events:WebhookLongestPause"] = "1s" });
        await using DialoguePeer client = await server.ConnectAsync();
        for (int i = 0; i < 10; i++)
            Assert.StartsWith("250", await ObservedServer.SendAsync(client, $"user{i}@ours.test"), StringComparison.Ordinal);
        await server.Program.WaitForLineAsync(static line => line.Contains("[6022] The webhook ", StringComparison.Ordinal), Patience);
        var requests = new ConcurrentQueue<(RawHttpRequest Head, byte[] Body)>();
        await using RawHttpServer receiver = RawHttpServer.Answering(Taken, requests, port);
        await server.AskUntilAsync("/metrics", static (_, page) => page.Contains("slimtafast_events_written_total{outlet=\"webhook\"} 10", StringComparison.Ordinal));
        Assert.DoesNotContain("slimtafast_events_dropped_total{", (await server.AskAsync("/metrics")).Body, StringComparison.Ordinal);
        string[] told = [.. requests.SelectMany(static request => JsonDocument.Parse(request.Body).RootElement.EnumerateArray()).Select(static e => Text(e, "event") + " " + Text(e, "recipient"))];
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"delivered user{i}@ours.test").Order(), told.Order());
    }

    private static async Task<JsonElement[]> WaitAsync(string path, int lines)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            string text = File.Exists(path) ? await File.ReadAllTextAsync(path) : "";
            string[] complete = [.. text.Split('\n')[..^1]];
            if (complete.Length >= lines)
                return [.. complete.Select(static line => JsonDocument.Parse(line).RootElement)];
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"There are only {complete.Length} events:\n{text}");
            await Task.Yield();
        }
    }

    private static bool IsLog(string line, int number) => line.StartsWith('{') && line.Contains($"\"event\":{number},", StringComparison.Ordinal);

    private static JsonElement Values(string line) => JsonDocument.Parse(line).RootElement.GetProperty("values");

    private static string? Text(JsonElement what, string name) => what.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static int Number(JsonElement what, string name) => what.GetProperty(name).GetInt32();
}
