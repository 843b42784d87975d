using System.Text.RegularExpressions;

namespace SlimtaFast.Queue.Policies;

/// <summary>How regular expressions of policies are made.</summary>
internal static class Patterns
{
    /// <summary>
    /// How long one match may take. It is linear in the input; the limit is for inputs of hundreds of kilobytes and expressions of thousands of
    /// states. Who looks for all matches in a long text has to see to their sum.
    /// </summary>
    public static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Makes an expression of which no match can stall: without lookaround and back references, and given up after 250 ms. Throws
    /// <see cref="FormatException"/> where it is none.
    /// </summary>
    public static Regex Make(string pattern, bool ignoreCase)
    {
        RegexOptions options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            return new Regex(pattern, options, MatchLimit);
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"'{pattern}' is not a regular expression without lookaround and back references: {wrong.Message}", wrong);
        }
    }
}
