using System.Diagnostics.Metrics;

namespace SlimtaFast.Storage.Disk;

/// <summary>The instruments of the meter "SlimtaFast.Storage". Thread-safe.</summary>
internal sealed class StorageMetrics : IDisposable
{
    private readonly Meter _meter = new("SlimtaFast.Storage");
    private readonly Histogram<double> _flushDuration;
    private readonly Histogram<int> _batchRecords;
    private readonly Histogram<long> _batchBytes;
    private readonly Counter<long> _flushFailures;
    private readonly Counter<long> _spooled;
    private readonly Counter<long> _copied;

    /// <summary>Makes the instruments.</summary>
    public StorageMetrics()
    {
        _flushDuration = _meter.CreateHistogram<double>("slimtafast.storage.flush.duration", "s", "One write of the journal and its flush.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5] });
        _batchRecords = _meter.CreateHistogram<int>("slimtafast.storage.batch.records", "{record}", "Requests acknowledged by one flush.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] });
        _batchBytes = _meter.CreateHistogram<long>("slimtafast.storage.batch.size", "By", "Octets made durable by one flush.",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216] });
        _flushFailures = _meter.CreateCounter<long>("slimtafast.storage.flush.failures", "{failure}", "Writes and flushes of the journal that failed.");
        _spooled = _meter.CreateCounter<long>("slimtafast.storage.reclaim.spooled", "{item}", "Items moved from the journal to spool files.");
        _copied = _meter.CreateCounter<long>("slimtafast.storage.reclaim.copied", "{record}", "Records copied forward in the journal.");
    }

    /// <summary>Adds the figures that are read when somebody looks.</summary>
    public void Observe(Func<long> items, Func<long> journalLive, Func<int> segments, Func<long> spoolFiles)
    {
        _meter.CreateObservableGauge("slimtafast.storage.items", items, "{item}", "Items stored.");
        _meter.CreateObservableGauge("slimtafast.storage.journal.live", journalLive, "By", "Octets of journal records that are still needed.");
        _meter.CreateObservableGauge("slimtafast.storage.journal.segments", segments, "{segment}", "Segment files of the journal.");
        _meter.CreateObservableGauge("slimtafast.storage.spool.items", spoolFiles, "{item}", "Items with spool files.");
    }

    /// <summary>A batch was written and flushed.</summary>
    public void Flushed(TimeSpan duration, int records, long octets)
    {
        _flushDuration.Record(duration.TotalSeconds);
        _batchRecords.Record(records);
        _batchBytes.Record(octets);
    }

    /// <summary>A batch failed.</summary>
    public void FlushFailed() => _flushFailures.Add(1);

    /// <summary>Items were moved to spool files.</summary>
    public void Spooled(int items) => _spooled.Add(items);

    /// <summary>Records were copied forward.</summary>
    public void Copied(int records) => _copied.Add(records);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
