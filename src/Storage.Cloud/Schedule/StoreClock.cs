using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud.Schedule;

/// <summary>
/// The store's clock, by which leases go: ours, put right by when the store says that an object was written. Stores tell that to the second, so a
/// difference that may be rounding counts for nothing. Thread-safe.
/// </summary>
internal sealed class StoreClock
{
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _ahead;

    /// <summary>Goes by our clock until it is set.</summary>
    public StoreClock(TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
    }

    /// <summary>Now, in milliseconds since 1970.</summary>
    public long Now => _time.GetUtcNow().AddTicks(Volatile.Read(ref _ahead)).ToUnixTimeMilliseconds();

    /// <summary>Compares the clocks by writing an object.</summary>
    public async Task SetAsync(IObjectStore objects, string name, CancellationToken cancellationToken)
    {
        string probe = ObjectNames.Probe + name;
        DateTimeOffset before = _time.GetUtcNow();
        await objects.PutAsync(probe, default, [], PutCondition.None, cancellationToken).ConfigureAwait(false);
        DateTimeOffset after = _time.GetUtcNow();
        ObjectFacts? facts = await objects.FindAsync(probe, cancellationToken).ConfigureAwait(false);
        await objects.DeleteAsync([probe], cancellationToken).ConfigureAwait(false);
        if (facts is null)
            return;
        TimeSpan ahead = facts.ModifiedAt - before - ((after - before) / 2);
        if (ahead.Duration() < Rounding)
            ahead = TimeSpan.Zero;
        if (ahead.Ticks != Volatile.Read(ref _ahead) && ahead != TimeSpan.Zero)
            CloudLog.ClockDiffers(_logger, objects.Description, Math.Round(ahead.TotalSeconds, 1));
        Volatile.Write(ref _ahead, ahead.Ticks);
    }
}
