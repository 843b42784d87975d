using System.Diagnostics.Metrics;

namespace SlimtaFast.Events.Buffers;

/// <summary>The instruments of the meter <c>SlimtaFast.Events</c>, of one outlet. Thread-safe.</summary>
internal sealed class EventMetrics : IDisposable
{
    private const string MeterName = "SlimtaFast.Events";

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly KeyValuePair<string, object?> _outlet;
    private readonly Counter<long> _written;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _failures;
    private long _droppedSoFar;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter, or null to make it without a factory.</param>
    /// <param name="outlet">What stands in the tag <c>outlet</c>.</param>
    /// <param name="waiting">How many events wait.</param>
    public EventMetrics(IMeterFactory? meters, string outlet, Func<int> waiting)
    {
        _ownsMeter = meters is null;
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _outlet = KeyValuePair.Create("outlet", (object?)outlet);
        _written = _meter.CreateCounter<long>("slimtafast.events.written", "{event}", "Events written to the file, or taken by the webhook, by outlet.");
        _dropped = _meter.CreateCounter<long>("slimtafast.events.dropped", "{event}", "Events lost because an outlet was too slow, away for too long, or refused them, by outlet.");
        _failures = _meter.CreateCounter<long>("slimtafast.events.failures", "{failure}", "Writes or requests that failed, by outlet.");
        _meter.CreateObservableGauge(
            "slimtafast.events.waiting", () => new Measurement<int>(waiting(), _outlet), "{event}", "Events that wait to be written or sent, by outlet.");
    }

    /// <summary>Events dropped so far.</summary>
    public long DroppedSoFar => Interlocked.Read(ref _droppedSoFar);

    /// <summary>Events have reached their end.</summary>
    public void Written(int events) => _written.Add(events, _outlet);

    /// <summary>Events are lost.</summary>
    public void Dropped(int events)
    {
        Interlocked.Add(ref _droppedSoFar, events);
        _dropped.Add(events, _outlet);
    }

    /// <summary>A write or a request failed.</summary>
    public void Failed() => _failures.Add(1, _outlet);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsMeter)
            _meter.Dispose();
    }
}
