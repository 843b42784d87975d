using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;

namespace SlimtaFast.Queue.Tests;

public class ObservabilityTests
{
    [Fact]
    public void Accepted_message_and_each_attempt_log_one_line()
    {
        var log = new ListLogger();
        using var fixture = new QueueFixture(logger: log);
        fixture.Relay.Script = static (_, attempt) => attempt.Number == 1 ? Replies.All(attempt, Replies.Later) : Replies.Delivered(attempt);
        log.Lines.Clear();
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        fixture.Enqueue(envelope);
        fixture.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal([3000, 3001, 3004], log.Lines.Select(line => line.Id).Order());
        Assert.All(log.Lines, line => Assert.StartsWith(envelope.Id.ToString(), line.Text, StringComparison.Ordinal));
        Assert.Contains("450 4.2.1 Mailbox busy", log.Lines.Single(line => line.Text.Contains("attempt 1", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Instruments_count_what_happens()
    {
        using var meters = new Meters();
        using var fixture = new QueueFixture(meters: meters);
        fixture.Relay.Script = static (envelope, attempt) => envelope.ReversePath.IsNull ? Replies.Delivered(attempt) : Replies.ByName(attempt);
        fixture.Enqueue("ok@one.example", "later@one.example", "never@one.example");
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        fixture.Enqueue("x@down.example");
        fixture.Enqueue(fixture.Envelope() with { Recipients = [] });
        meters.Collect();
        Assert.Equal(2, meters["slimtafast.queue.accepted"]);
        Assert.Equal(1, meters["slimtafast.queue.refused"]);
        Assert.Equal(2, meters["slimtafast.queue.delivered"]);
        Assert.Equal(1, meters["slimtafast.queue.deferred"]);
        Assert.Equal(1, meters["slimtafast.queue.bounced"]);
        Assert.Equal(1, meters["slimtafast.queue.reports"]);
        Assert.Equal(1, meters["slimtafast.queue.waiting"]);
        Assert.Equal(1, meters["slimtafast.queue.ready"]);
        Assert.Equal(0, meters["slimtafast.queue.active"]);
        Assert.Equal(1, meters["slimtafast.queue.suspended_hops"]);
        Assert.Equal(0, meters["slimtafast.queue.expired"]);
    }

    private sealed class ListLogger : ILogger
    {
        public List<(int Id, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((eventId.Id, formatter(state, exception)));
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly Dictionary<string, double> _values = [];
        private readonly MeterListener _listener = new();
        private readonly List<Meter> _meters = [];

        public Meters()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (_meters.Contains(instrument.Meter) || ReferenceEquals(instrument.Meter.Scope, this))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _values[instrument.Name] = this[instrument.Name] + value);
            _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => _values[instrument.Name] = value);
            _listener.Start();
        }

        public double this[string name] => _values.GetValueOrDefault(name);

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Collect() => _listener.RecordObservableInstruments();

        public void Dispose()
        {
            _listener.Dispose();
            foreach (Meter meter in _meters)
                meter.Dispose();
        }
    }
}
