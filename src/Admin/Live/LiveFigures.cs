using System.Diagnostics.Metrics;

namespace SlimtaFast.Admin.Live;

/// <summary>
/// How the server is doing at present: rates and durations of the last minutes, from its own instruments. A timer notes the sums once a second; nothing of it is
/// done by the threads that carry mail. Thread-safe.
/// </summary>
internal sealed class LiveFigures : IDisposable
{
    private const int SecondsKept = 300;
    private const int SecondsAStep = 5;
    private const int SecondsAMinute = 60;
    private const double MicrosecondsASecond = 1_000_000;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly LiveInstruments _instruments;
    private readonly DistributionWindow _delivery;
    private readonly DistributionWindow _flush;
    private readonly DistributionWindow _batch;
    private readonly LiveSample[] _samples = new LiveSample[SecondsKept + 1];
    private readonly long _start;
    private readonly ITimer _timer;
    private long _ticks;

    /// <summary>Begins to listen.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="isOurs">Tells which meters are the server's.</param>
    public LiveFigures(TimeProvider time, Func<Meter, bool> isOurs)
    {
        _time = time;
        _start = time.GetTimestamp();
        _instruments = new LiveInstruments(isOurs);
        _delivery = new DistributionWindow(_instruments.Delivery, MicrosecondsASecond);
        _flush = new DistributionWindow(_instruments.Flush, MicrosecondsASecond);
        _batch = new DistributionWindow(_instruments.Batch, unit: 1);
        _samples[0] = TakeSample();
        _timer = time.CreateTimer(static figures => ((LiveFigures)figures!).Tick(), this, Second, Second);
    }

    /// <summary>Reads all figures.</summary>
    public LiveReading Read()
    {
        lock (_gate)
        {
            LiveSample now = TakeSample();
            return new LiveReading
            {
                UpSeconds = (long)_time.GetElapsedTime(_start, now.At).TotalSeconds,
                Accepted = Rate(now, static sample => sample.Accepted),
                Delivered = Rate(now, static sample => sample.Delivered),
                Deferred = Rate(now, static sample => sample.Deferred),
                Bounced = Rate(now, static sample => sample.Bounced),
                Refused = Rate(now, static sample => sample.Refused),
                Connections = _instruments.Connections.Sum,
                Delivery = _delivery.Read(),
                Flush = _flush.Read(),
                Batch = _batch.Read(),
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _instruments.Dispose();
    }

    private LiveSample TakeSample() => new(
        _time.GetTimestamp(), _instruments.Accepted.Sum, _instruments.Delivered.Sum, _instruments.Deferred.Sum, _instruments.Bounced.Sum, _instruments.Refused.Sum);

    private void Tick()
    {
        lock (_gate)
        {
            _ticks++;
            _samples[_ticks % _samples.Length] = TakeSample();
            if (_ticks % SecondsAStep != 0)
                return;
            _delivery.Step();
            _flush.Step();
            _batch.Step();
        }
    }

    // The sample of so many ticks ago, or the oldest that there is.
    private LiveSample Back(long ticks) => _samples[(_ticks - Math.Min(ticks, Math.Min(_ticks, SecondsKept))) % _samples.Length];

    private LiveRate Rate(LiveSample now, Func<LiveSample, long> read)
    {
        int steps = (int)(Math.Min(_ticks, SecondsKept) / SecondsAStep);
        var series = new double[steps];
        for (int i = 0; i < steps; i++)
            series[i] = Rate(Back((steps - i) * SecondsAStep), Back((steps - i - 1) * SecondsAStep), read);
        return new LiveRate(Rate(Back(SecondsAStep), now, read), Rate(Back(SecondsAMinute), now, read), read(now), series);
    }

    // By the time that really passed: a timer of a busy process may be late.
    private double Rate(LiveSample from, LiveSample to, Func<LiveSample, long> read)
    {
        double seconds = _time.GetElapsedTime(from.At, to.At).TotalSeconds;
        return seconds <= 0 ? 0 : Math.Round((read(to) - read(from)) / Math.Max(seconds, 1), 2);
    }
}
