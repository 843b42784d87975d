using System.Globalization;
using System.Net;
using SlimtaFast.EndToEnd.Tests.Page;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.RabbitMq;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Observability;

/// <summary>
/// A message has one trace from its acceptance to its delivery, whichever processes have it in their hands: one accepts it, a second is put off by the next
/// hop, a third delivers it.
/// </summary>
public sealed class TraceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [FullFact(RabbitMqBroker.Server)]
    public async Task Edge_and_workers_of_the_distributed_queue_share_a_trace()
    {
        await using RabbitMqBroker broker = await RabbitMqBroker.StartAsync();
        string[] place = ["--queue", $"amqp://{broker.Authority}?timeout=20s"];
        await AssertOneTraceAsync(["serve", .. place], ["work", .. place], ["work", .. place]);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Processes_on_a_shared_storage_share_a_trace()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        string[] place = ["--storage", string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{redis.Port}?timeout=10s")];
        await AssertOneTraceAsync(["serve", .. place, "--relay", "hold:"], ["work", .. place], ["work", .. place]);
    }

    [FullFact]
    public async Task Trace_goes_on_after_a_restart()
    {
        using var spool = new TemporaryFolder();
        string[] serve = ["serve", "--storage", $"disk:{spool.Path}"];
        await AssertOneTraceAsync([.. serve, "--relay", "hold:"], serve, serve);
    }

    private static async Task AssertOneTraceAsync(string[] accepting, string[] puttingOff, string[] delivering)
    {
        await using var receiver = new SmallOtlpReceiver();
        await using (RunningProgram edge = await StartAsync(receiver, "edge.test", accepting))
        {
            string listening = edge.Output.Split('\n').First(static line => line.StartsWith("listening on ", StringComparison.Ordinal));
            await using DialoguePeer client = await DialoguePeer.ConnectAsync(IPEndPoint.Parse(listening["listening on ".Length..].Trim()), Cover.Plain, Patience);
            await client.ReadReplyAsync();
            await ObservedServer.AnswerAsync(client, "EHLO client.test");
            Assert.StartsWith("250", await ObservedServer.SendAsync(client, "bob@ours.test"), StringComparison.Ordinal);
            Assert.Equal(0, await edge.StopAsync());
        }

        OtlpSpan accepted = await WaitForAsync(receiver, "receive", "edge.test");
        Assert.Equal("", accepted.Parent);
        Assert.Equal(accepted.Trace, Assert.Single(receiver.Spans, static span => span.Name == "store").Trace);

        await using (var later = new RefusingHop("450 4.2.1 Not now"))
        await using (RunningProgram first = await StartAsync(receiver, "first.test", [.. puttingOff, "--relay", string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{later.Port}")]))
        {
            await WaitForAsync(receiver, "deliver", "first.test");
            Assert.Equal(0, await first.StopAsync());
        }

        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0");
        await using RunningProgram ownedSink = sink;
        await using (RunningProgram second = await StartAsync(receiver, "second.test", [.. delivering, "--relay", $"smtp://{hop}"]))
        {
            await WaitForAsync(receiver, "deliver", "second.test");
            Assert.Equal(0, await second.StopAsync());
        }

        OtlpSpan[] attempts = [.. receiver.Spans.Where(static span => span.Name == "deliver")];
        Assert.All(attempts, attempt => Assert.Equal((accepted.Trace, accepted.Id), (attempt.Trace, attempt.Parent)));
        OtlpSpan last = Assert.Single(attempts, static attempt => attempt.Instance == "second.test");
        Assert.Contains(receiver.Spans, span => span.Name == "send" && span.Trace == accepted.Trace && span.Parent == last.Id);
    }

    private static async Task<OtlpSpan> WaitForAsync(SmallOtlpReceiver receiver, string name, string instance)
    {
        await receiver.WaitAsync(() => receiver.Spans.Any(IsIt));
        return receiver.Spans.First(IsIt);

        bool IsIt(OtlpSpan span) => span.Name == name && span.Instance == instance;
    }

    // Only the edge decides by its ratio; the others, with hardly any of their own, follow what it decided.
    private static async Task<RunningProgram> StartAsync(SmallOtlpReceiver receiver, string name, string[] command)
    {
        bool isWorker = command[0] == "work";
        var keys = new Dictionary<string, string>
        {
            ["SLIMTAFAST__Telemetry__Otlp"] = receiver.Url,
            ["SLIMTAFAST__Telemetry__TraceRatio"] = name == "edge.test" ? "1" : "0.000001",
            ["SLIMTAFAST__Retry"] = "1s,...",
        };
        RunningProgram program = RunningProgram.Start(SlimtafastProgram.Path, [.. command, "--hostname", name, .. isWorker ? [] : (string[])["--listen", "127.0.0.1:0"]], environment: keys);
        try
        {
            await program.WaitForLineAsync(line => isWorker ? line == "working" : line.StartsWith("listening on ", StringComparison.Ordinal), Patience);
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }
}
