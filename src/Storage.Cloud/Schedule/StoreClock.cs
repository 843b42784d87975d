using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud.Schedule;

/// <summary>
/// The store's clock, by which leases go: read off when the store says that an object was written, and from then on counted by a clock that nobody sets.
/// It is read off anew when ours was set or stood still. Stores tell the time to the second, so a difference to ours that may be rounding counts for
/// nothing. Thread-safe.
/// </summary>
internal sealed class StoreClock
{
    private const int MostTries = 3;
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Reading _last;
    private int _probes;

    /// <summary>Goes by our clock until it is set.</summary>
    public StoreClock(TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _last = new Reading(time.GetUtcNow(), TimeSpan.Zero, time.GetTimestamp());
    }

    /// <summary>Now, in milliseconds since 1970.</summary>
    public long Now
    {
        get
        {
            Reading last = Volatile.Read(ref _last);
            return (last.Ours + last.Ahead + _time.GetElapsedTime(last.Timestamp)).ToUnixTimeMilliseconds();
        }
    }

    /// <summary>Sets it where our clock was set, or stood still, since that was done last.</summary>
    public async ValueTask EnsureAsync(IObjectStore objects, string name, CancellationToken cancellationToken)
    {
        Reading last = Volatile.Read(ref _last);
        TimeSpan step = _time.GetUtcNow() - last.Ours - _time.GetElapsedTime(last.Timestamp);
        if (step.Duration() > LongestStep)
            await SetAsync(objects, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Compares the clocks by writing an object.</summary>
    public async Task SetAsync(IObjectStore objects, string name, CancellationToken cancellationToken)
    {
        Reading? best = null;
        TimeSpan took = TimeSpan.MaxValue;

        // An answer that takes long tells little.
        for (int tries = 0; tries < MostTries && took > Rounding; tries++)
        {
            string probe = $"{ObjectNames.Probe}{name}-{Interlocked.Increment(ref _probes)}";
            DateTimeOffset before = _time.GetUtcNow();
            long timestamp = _time.GetTimestamp();
            await objects.PutAsync(probe, default, [], PutCondition.None, cancellationToken).ConfigureAwait(false);
            TimeSpan elapsed = _time.GetElapsedTime(timestamp);
            ObjectFacts? facts = await objects.FindAsync(probe, cancellationToken).ConfigureAwait(false);
            await objects.DeleteAsync([probe], cancellationToken).ConfigureAwait(false);
            if (elapsed >= took)
                continue;
            took = elapsed;
            TimeSpan ahead = facts is null || facts.ModifiedAt == DateTimeOffset.MaxValue ? TimeSpan.Zero : facts.ModifiedAt - before - (elapsed / 2);
            best = new Reading(before, ahead.Duration() < Rounding ? TimeSpan.Zero : ahead, timestamp);
        }

        if (best!.Ahead != Volatile.Read(ref _last).Ahead && best.Ahead != TimeSpan.Zero)
            CloudLog.ClockDiffers(_logger, objects.Description, Math.Round(best.Ahead.TotalSeconds, 1));
        Volatile.Write(ref _last, best);
    }

    /// <summary>When the clocks were compared.</summary>
    /// <param name="Ours">Our clock then.</param>
    /// <param name="Ahead">How much the store's was ahead of it.</param>
    /// <param name="Timestamp">The clock that nobody sets then.</param>
    private sealed record Reading(DateTimeOffset Ours, TimeSpan Ahead, long Timestamp);
}
