using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SlimtaFast.TestKit.Diagnostics;

/// <summary>Sums what the instruments of one meter count, by instrument and tag. Thread-safe.</summary>
public sealed class Counts : IMeterFactory
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, long> _counted = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new();
    private Meter? _meter;

    /// <summary>Begins to listen.</summary>
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
            {
                string name = $"{instrument.Name} {tag.Key}={tag.Value}";
                _counted.AddOrUpdate(name, value, (_, sum) => sum + value);
                Awaited(name).TrySetResult();
            }
        });
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
                _counted.AddOrUpdate($"{instrument.Name} {tag.Key}={tag.Value} {value}", 1, (_, sum) => sum + 1);
        });
        _listener.Start();
    }

    /// <summary>What was counted under <c>INSTRUMENT TAG=VALUE</c>.</summary>
    public long Of(string name) => _counted.GetValueOrDefault(name);

    /// <summary>Waits until something is counted under <c>INSTRUMENT TAG=VALUE</c>.</summary>
    public Task WaitForAsync(string name) => Awaited(name).Task.WaitAsync(Patience);

    /// <summary>Asks the instruments that are only looked at. Each value is an occurrence of <c>INSTRUMENT TAG=VALUE MEASURED</c>.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    /// <summary>Makes the meter that is listened to.</summary>
    public Meter Create(MeterOptions options) => _meter = new Meter(options);

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _meter?.Dispose();
    }
    private TaskCompletionSource Awaited(string name) => _awaited.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
