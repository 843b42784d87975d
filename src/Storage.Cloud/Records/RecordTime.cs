namespace SlimtaFast.Storage.Cloud.Records;

/// <summary>Times as records have them.</summary>
internal static class RecordTime
{
    private const decimal TicksPerSecond = TimeSpan.TicksPerSecond;

    /// <summary>Milliseconds since 1970, none before it.</summary>
    public static long Milliseconds(DateTimeOffset time) => Math.Max(0, time.ToUnixTimeMilliseconds());

    /// <summary>Whole milliseconds, at least one for anything above nothing.</summary>
    public static long Milliseconds(TimeSpan time) => (long)Math.Ceiling(time.TotalMilliseconds);

    /// <summary>Seconds since 1970, exact to the tick.</summary>
    public static decimal Seconds(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TicksPerSecond;

    /// <summary>The time that was so written; one that there cannot be is 1970, which is due at once.</summary>
    public static DateTimeOffset FromSeconds(decimal seconds)
    {
        if (Math.Abs(seconds) > 400_000_000_000m)
            return DateTimeOffset.UnixEpoch;
        long ticks = DateTime.UnixEpoch.Ticks + (long)(seconds * TicksPerSecond);
        return new DateTimeOffset(Math.Clamp(ticks, 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);
    }
}
