namespace SlimtaFast.Server.Configuration;

/// <summary>
/// The <c>--retry</c> list: delays between attempts. After the last one the message bounces, unless <see cref="Repeats"/>. Immutable.
/// </summary>
/// <param name="Delays">At least one, each longer than zero.</param>
/// <param name="Repeats">True where the last delay repeats until the maximum age.</param>
internal sealed record RetryDelays(IReadOnlyList<TimeSpan> Delays, bool Repeats)
{
    /// <summary>Reads <c>1m,5m,1h</c> or <c>1m,5m,1h,...</c>; a <see cref="FormatException"/> says what is wrong.</summary>
    public static RetryDelays Parse(string text)
    {
        var delays = new List<TimeSpan>();
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i] == "..." && i == parts.Length - 1 && delays.Count > 0)
                return new RetryDelays(delays, true);
            if (!UnitText.TryParseDuration(parts[i], out TimeSpan delay) || delay <= TimeSpan.Zero)
                throw new FormatException($"'{parts[i]}' is not a delay such as 30s, 5m or 1h; the list is like 1m,5m,1h with ... at its end to repeat the last");
            delays.Add(delay);
        }

        return new RetryDelays(delays, false);
    }
}
