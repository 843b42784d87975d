using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SlimtaFast.Events.Tests;

/// <summary>Sums what the instruments of one outlet count. Thread-safe.</summary>
internal sealed class EventCounts : IMeterFactory
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, long> _sums = new();
    private readonly MeterListener _listener = new();
    private readonly SemaphoreSlim _changed = new(0);
    private Meter? _meter;

    public EventCounts()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _meter) && !instrument.IsObservable)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            _sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
            _changed.Release();
        });
        _listener.Start();
    }

    public long Of(string instrument) => _sums.GetValueOrDefault(instrument);

    /// <summary>Waits until something is so; asked whenever something was counted.</summary>
    public async Task WaitAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            if (!await _changed.WaitAsync(Patience))
                throw new TimeoutException(string.Join(", ", _sums));
        }
    }

    public Meter Create(MeterOptions options) => _meter = new Meter(options);

    public void Dispose()
    {
        _listener.Dispose();
        _meter?.Dispose();
        _changed.Dispose();
    }
}
