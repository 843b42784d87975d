using System.Net;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Observability;

/// <summary>The running server sends metrics and traces to a collector.</summary>
public sealed class OtlpTests
{
    [FullFact]
    public async Task Metrics_and_one_trace_from_accept_to_delivery_arrive()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["headers"], "X-Key: a, b = c\n");
        await using var receiver = new SmallOtlpReceiver();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0");
        await using RunningProgram ownedSink = sink;
        await using ObservedServer server = await ObservedServer.StartAsync(
            $"smtp://{hop}",
            new Dictionary<string, string>
            {
                ["Telemetry:Otlp"] = receiver.Url,
                ["Telemetry:Interval"] = "200ms",
                ["Telemetry:TraceRatio"] = "1",
                ["Telemetry:HeadersFile"] = folder["headers"],
            },
            "--hostname", "mx.ours.test");
        await using DialoguePeer client = await server.ConnectAsync();
        for (int i = 0; i < 3; i++)
            Assert.StartsWith("250", await ObservedServer.SendAsync(client, "bob@ours.test"), StringComparison.Ordinal);
        await receiver.WaitAsync(() => receiver.Sum("slimtafast.queue.delivered") == 3);
        Assert.Equal(3, receiver.Sum("slimtafast.queue.accepted"));
        Assert.Equal("a, b = c", receiver.LastKey);
        Assert.Equal("slimtafast", receiver.Resource["service.name"]);
        Assert.Equal("mx.ours.test", receiver.Resource["service.instance.id"]);

        await receiver.WaitAsync(() => receiver.Spans.Count(static span => span.Name is "receive" or "store" or "deliver" or "send") == 12);
        OtlpSpan[] received = [.. receiver.Spans.Where(static span => span.Name == "receive")];
        Assert.Equal(3, received.Select(static span => span.Trace).Distinct().Count());
        foreach (OtlpSpan message in received)
        {
            Assert.Equal("", message.Parent);
            OtlpSpan stored = Assert.Single(receiver.Spans, span => span.Name == "store" && span.Trace == message.Trace);
            OtlpSpan delivered = Assert.Single(receiver.Spans, span => span.Name == "deliver" && span.Trace == message.Trace);
            OtlpSpan sent = Assert.Single(receiver.Spans, span => span.Name == "send" && span.Trace == message.Trace);
            Assert.Equal([message.Id, message.Id, delivered.Id], (string[])[stored.Parent, delivered.Parent, sent.Parent]);
        }

        Assert.Equal(0, await server.Program.StopAsync());
    }

    [FullFact]
    public async Task Collector_that_is_away_is_told_in_the_log_and_mail_goes_on()
    {
        await using ObservedServer server = await ObservedServer.StartAsync(
            "blackhole:",
            new Dictionary<string, string> { ["Telemetry:Otlp"] = $"http://127.0.0.1:{RunningProgram.FreePort()}", ["Telemetry:Interval"] = "100ms", ["Telemetry:Timeout"] = "1s" });
        await server.Program.WaitForLineAsync(static line => line.Contains("[6000] Metrics or traces: FailedToReachCollector", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        await using DialoguePeer client = await server.ConnectAsync();
        Assert.StartsWith("250", await ObservedServer.SendAsync(client, "bob@ours.test"), StringComparison.Ordinal);
        Assert.Equal(0, await server.Program.StopAsync());
    }
}
