using System.Globalization;

namespace SlimtaFast.Server.Configuration;

/// <summary>Durations and sizes as people write them in a configuration: <c>90s</c>, <c>5m</c>, <c>4h</c>, <c>5d</c>; <c>64K</c>, <c>50M</c>.</summary>
internal static class UnitText
{
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(3650);

    /// <summary>Reads a whole number with a unit of <c>ms s m h d</c>; at most ten years.</summary>
    public static bool TryParseDuration(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        int digits = CountDigits(text);
        if (!long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            return false;
        double milliseconds = text[digits..] switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => double.NaN,
        };
        if (!(number * milliseconds <= LongestDuration.TotalMilliseconds))
            return false;
        duration = TimeSpan.FromMilliseconds(number * milliseconds);
        return true;
    }

    /// <summary>Reads a whole number of octets, or of 1024, 1024² or 1024³ octets with <c>K</c>, <c>M</c> or <c>G</c> behind it.</summary>
    public static bool TryParseSize(ReadOnlySpan<char> text, out long octets)
    {
        octets = 0;
        int digits = CountDigits(text);
        if (!long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            return false;
        int shift = text[digits..] switch
        {
            "" => 0,
            "K" or "k" or "KiB" => 10,
            "M" or "m" or "MiB" => 20,
            "G" or "g" or "GiB" => 30,
            _ => -1,
        };
        if (shift < 0 || number > long.MaxValue >> shift)
            return false;
        octets = number << shift;
        return true;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        int other = text.IndexOfAnyExceptInRange('0', '9');
        return other < 0 ? text.Length : other;
    }
}
