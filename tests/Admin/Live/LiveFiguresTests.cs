using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Admin.Live;

namespace SlimtaFast.Admin.Tests.Live;

public sealed class LiveFiguresTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Meter _meter = new("Figures");
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _bounced;
    private readonly Counter<long> _expired;
    private readonly Counter<long> _refusedRecipients;
    private readonly Counter<long> _refusedMessages;
    private readonly UpDownCounter<long> _connections;
    private readonly Histogram<double> _latency;
    private readonly Histogram<int> _batch;
    private readonly LiveFigures _figures;

    public LiveFiguresTests()
    {
        _accepted = _meter.CreateCounter<long>("slimtafast.queue.accepted");
        _bounced = _meter.CreateCounter<long>("slimtafast.queue.bounced");
        _figures = new LiveFigures(_time, meter => meter == _meter);

        // Those that come later are heard as well.
        _expired = _meter.CreateCounter<long>("slimtafast.queue.expired");
        _refusedRecipients = _meter.CreateCounter<long>("slimtafast.edge.recipients.refused");
        _refusedMessages = _meter.CreateCounter<long>("slimtafast.edge.messages.refused");
        _connections = _meter.CreateUpDownCounter<long>("slimtafast.edge.connections");
        _latency = _meter.CreateHistogram<double>("slimtafast.queue.delivery.latency");
        _batch = _meter.CreateHistogram<int>("slimtafast.storage.batch.records");
    }

    public void Dispose()
    {
        _figures.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Rates_are_of_the_last_seconds_and_the_last_minute()
    {
        for (int i = 0; i < 60; i++)
        {
            _accepted.Add(i < 55 ? 1 : 10);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        LiveRate rate = _figures.Read().Accepted;
        Assert.Equal(10, rate.Now);
        Assert.Equal(105 / 60.0, rate.Minute);
        Assert.Equal(105, rate.Total);
        Assert.Equal([.. Enumerable.Repeat(1.0, 11), 10], rate.Series);
    }

    [Fact]
    public void Series_is_of_five_minutes_at_most()
    {
        for (int i = 0; i < 1000; i++)
        {
            _accepted.Add(i);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        double[] series = _figures.Read().Accepted.Series;
        Assert.Equal(60, series.Length);
        Assert.Equal((702.0, 997.0), (series[0], series[^1]));
    }

    [Fact]
    public void First_second_shows_no_flood()
    {
        _accepted.Add(100);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(100, _figures.Read().Accepted.Now);
        Assert.Empty(_figures.Read().Accepted.Series);
    }

    [Fact]
    public void Kinds_of_one_thing_are_added_up_whatever_their_tags()
    {
        _bounced.Add(2);
        _expired.Add(3);
        _refusedRecipients.Add(1, new KeyValuePair<string, object?>("reason", "relay_denied"));
        _refusedMessages.Add(1, new KeyValuePair<string, object?>("reason", "queue_refused"));
        _connections.Add(3);
        _connections.Add(-1);
        LiveReading reading = _figures.Read();
        Assert.Equal((5L, 2L, 2L), (reading.Bounced.Total, reading.Refused.Total, reading.Connections));
    }

    [Fact]
    public void Durations_are_of_the_last_minute()
    {
        for (int i = 1; i <= 100; i++)
            _latency.Record(i / 1000.0);
        _batch.Record(4);
        _time.Advance(TimeSpan.FromSeconds(1));
        LiveDistribution delivery = _figures.Read().Delivery!;
        Assert.Equal(100, delivery.Count);
        Assert.Equal(0.0505, delivery.Mean, 6);
        Assert.InRange(delivery.Median, 0.050, 0.050 * 9 / 8);
        Assert.InRange(delivery.P95, 0.095, 0.095 * 9 / 8);
        Assert.InRange(delivery.P99, 0.099, 0.099 * 9 / 8);
        Assert.Equal((4.0, 4.0), (_figures.Read().Batch!.Mean, _figures.Read().Batch!.P99));
        Assert.Null(_figures.Read().Flush);
        _time.Advance(TimeSpan.FromSeconds(70));
        Assert.Null(_figures.Read().Delivery);
        _latency.Record(5);
        Assert.Equal(1, _figures.Read().Delivery!.Count);
    }

    [Fact]
    public void Measuring_allocates_nothing()
    {
        var tag = new KeyValuePair<string, object?>("reason", "relay_denied");
        Measure();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Measure();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Measure()
        {
            _accepted.Add(1);
            _refusedRecipients.Add(1, tag);
            _latency.Record(0.5);
            _batch.Record(3);
        }
    }

    [Fact]
    public void Other_servers_in_the_process_are_not_counted()
    {
        using var other = new Meter("Figures");
        other.CreateCounter<long>("slimtafast.queue.accepted").Add(7);
        Assert.Equal(0, _figures.Read().Accepted.Total);
    }
}
