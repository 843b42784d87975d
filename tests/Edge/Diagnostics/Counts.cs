using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SlimtaFast.Edge.Tests.Diagnostics;

/// <summary>Sums what the instruments of one meter count, by instrument and tag.</summary>
internal sealed class Counts : IMeterFactory
{
    private readonly ConcurrentDictionary<string, long> _counted = new();
    private readonly MeterListener _listener = new();
    private Meter? _meter;

    public Counts()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _meter))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
                _counted.AddOrUpdate($"{instrument.Name} {tag.Key}={tag.Value}", value, (_, sum) => sum + value);
        });
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
                _counted.AddOrUpdate($"{instrument.Name} {tag.Key}={tag.Value} {value}", 1, (_, sum) => sum + 1);
        });
        _listener.Start();
    }

    public long Of(string name) => _counted.GetValueOrDefault(name);

    public void Observe() => _listener.RecordObservableInstruments();

    public Meter Create(MeterOptions options) => _meter = new Meter(options);

    public void Dispose()
    {
        _listener.Dispose();
        _meter?.Dispose();
    }
}
