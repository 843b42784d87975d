using System.Text.RegularExpressions;

namespace SlimtaFast.Queue.Policies;

/// <summary>How regular expressions of policies are made.</summary>
internal static class Patterns
{
    // Matching takes time linear in the input; the limit is for inputs of hundreds of kilobytes and expressions of thousands of states.
    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Makes an expression that no input can stall: without lookaround and back references, and given up after 250 ms. Throws
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
