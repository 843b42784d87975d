using System.Text.RegularExpressions;

namespace SlimtaFast.Edge.Spf;

/// <summary>The words in braces that texts have filled in.</summary>
internal static partial class WordsInBraces
{
    /// <summary>Finds them. Linear in the text.</summary>
    [GeneratedRegex(@"\{[A-Za-z_-]+\}", RegexOptions.CultureInvariant)]
    public static partial Regex Pattern { get; }
}
