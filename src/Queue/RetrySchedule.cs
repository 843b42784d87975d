using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>
/// When a message is tried again, and when it is given up: a pure function of the outcome, the attempts made, the age and a random
/// number. Immutable and thread-safe.
/// </summary>
public sealed class RetrySchedule
{
    // A repeated delay shorter than this would be a busy loop with somebody else's server.
    private static readonly TimeSpan LeastRepeated = TimeSpan.FromSeconds(1);

    private readonly TimeSpan[] _delays;
    private readonly bool _repeatsLast;

    /// <summary>Makes a schedule.</summary>
    /// <param name="delays">The delay after the first attempt, after the second, and so on; at least one, none negative.</param>
    /// <param name="repeatsLast">Whether the last delay is repeated until the maximum age; else the message bounces after it.</param>
    /// <param name="maxAge">Age at which a message is given up.</param>
    /// <param name="jitter">By which part of itself a delay is made longer or shorter at random, 0 to 0.5.</param>
    public RetrySchedule(IReadOnlyList<TimeSpan> delays, bool repeatsLast, TimeSpan maxAge, double jitter = 0.1)
    {
        ArgumentNullException.ThrowIfNull(delays);
        ArgumentOutOfRangeException.ThrowIfZero(delays.Count, nameof(delays));
        ArgumentOutOfRangeException.ThrowIfNegative(jitter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(jitter, 0.5);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maxAge, TimeSpan.Zero);
        foreach (TimeSpan delay in delays)
            ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero, nameof(delays));
        if (repeatsLast)
            ArgumentOutOfRangeException.ThrowIfLessThan(delays[^1], LeastRepeated, nameof(delays));
        _delays = [.. delays];
        _repeatsLast = repeatsLast;
        MaxAge = maxAge;
        Jitter = jitter;
    }

    /// <summary>1, 5, 15, 30 minutes, 1, 2, 4 hours, then every 6 hours until the message is 5 days old.</summary>
    public static RetrySchedule Default { get; } = new(
        [.. new[] { 1, 5, 15, 30, 60, 120, 240, 360 }.Select(minutes => TimeSpan.FromMinutes(minutes))], repeatsLast: true, TimeSpan.FromDays(5));

    /// <summary>Age at which a message is given up.</summary>
    public TimeSpan MaxAge { get; }

    /// <summary>By which part of itself a delay is made longer or shorter.</summary>
    public double Jitter { get; }

    /// <summary>
    /// Reads a list of delays such as <c>30s,5m,1h</c> (units s, m, h and d), after the last of which the message bounces; a last
    /// <c>...</c> repeats the delay before it until the maximum age, as in <c>1m,5m,1h,...</c>.
    /// </summary>
    /// <param name="text">The list.</param>
    /// <param name="maxAge">Age at which a message is given up where the list repeats; a list that ends makes room for all of its delays.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="error">Else what is wrong, for people.</param>
    public static bool TryParse(ReadOnlySpan<char> text, TimeSpan maxAge, [NotNullWhen(true)] out RetrySchedule? schedule, [NotNullWhen(false)] out string? error)
    {
        schedule = null;
        List<TimeSpan> delays = [];
        bool repeats = false;
        foreach (Range range in text.Split(','))
        {
            ReadOnlySpan<char> part = text[range].Trim();
            if (repeats)
                return Refuse("'...' must come last", out error);
            if (part is "...")
                repeats = true;
            else if (TryParseDelay(part, out TimeSpan delay))
                delays.Add(delay);
            else
                return Refuse($"'{part}' is not a delay such as 30s, 5m, 1h or 1d", out error);
        }

        if (delays.Count == 0)
            return Refuse("there is no delay before '...'", out error);
        if (repeats && delays[^1] < LeastRepeated)
            return Refuse("a repeated delay must be at least 1s", out error);
        if (!repeats)
            maxAge = delays.Aggregate(maxAge, static (longest, delay) => longest + (2 * delay));
        error = null;
        schedule = new RetrySchedule(delays, repeats, maxAge);
        return true;
    }

    /// <summary>How long to wait until the next attempt, or null where there is none: done, refused for good, or given up.</summary>
    /// <param name="outcome">How the last attempt ended.</param>
    /// <param name="attempts">Attempts made, the last one included.</param>
    /// <param name="age">How long ago the message was received.</param>
    /// <param name="random">A random number from 0 up to 1, for the jitter.</param>
    public TimeSpan? GetDelay(OutcomeKind outcome, int attempts, TimeSpan age, double random)
    {
        if (outcome != OutcomeKind.Transient || age >= MaxAge)
            return null;
        int index = Math.Max(attempts, 1) - 1;
        if (index >= _delays.Length && !_repeatsLast)
            return null;
        TimeSpan delay = _delays[Math.Min(index, _delays.Length - 1)];
        delay *= 1 + (Jitter * ((2 * random) - 1));

        // The last attempt comes when the message expires, not a whole delay later.
        TimeSpan left = MaxAge - age;
        return delay < left ? delay : left;
    }

    // delay = 1*9digit unit
    private static bool TryParseDelay(ReadOnlySpan<char> text, out TimeSpan delay)
    {
        delay = default;
        if (text.Length < 2 || text.Length > 10 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return false;
        long seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        if (seconds == 0 || number * seconds > 365 * 86_400)
            return false;
        delay = TimeSpan.FromSeconds(number * seconds);
        return true;
    }

    private static bool Refuse(string reason, out string error)
    {
        error = reason;
        return false;
    }
}
