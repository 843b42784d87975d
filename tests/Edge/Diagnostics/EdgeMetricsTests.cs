using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using SlimtaFast.Edge.Tests.Load;

namespace SlimtaFast.Edge.Tests.Diagnostics;

public sealed class EdgeMetricsTests
{
    [Fact]
    public async Task Everything_that_is_refused_or_ends_is_counted_with_its_reason()
    {
        var counted = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == SmtpEdge.MeterName)
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
                counted.AddOrUpdate($"{instrument.Name} {tag.Key}={tag.Value}", value, (_, sum) => sum + value);
        });
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
                counted.AddOrUpdate($"{instrument.Name} {tag.Key}={tag.Value} {value}", 1, (_, sum) => sum + 1);
        });
        listener.Start();
        using var queue = new CollectingQueue();
        await using (var edge = new RunningEdge(queue, RunningEdge.ForStrangers with { MaxConnections = 1, Gauges = [new FakeGauge(LoadResource.Disk) { Left = 0 }] }))
        {
            using TestClient client = await edge.ConnectAsync("127.0.0.2");
            await client.HelloAsync();
            using (TestClient second = await edge.ConnectAsync("127.0.0.2"))
                await second.ReadAsync();
            await client.AskAsync("FROB");
            await client.AskAsync("MAIL FROM:<a@b.test>");
            listener.RecordObservableInstruments();
            await client.AskAsync("QUIT");
            await client.ReadAsync();
        }

        Assert.All(
            (string[])
            [
                "slimtafast.edge.connections.refused reason=too_many_connections",
                "slimtafast.edge.commands.refused reason=unknown_command",
                "slimtafast.edge.commands.refused reason=disk_short",
                "slimtafast.edge.sessions.ended reason=quit",
                "slimtafast.edge.short resource=disk 1",
            ],
            name => Assert.True(counted.ContainsKey(name), $"{name} is not among {string.Join(", ", counted.Keys)}."));
    }
}
