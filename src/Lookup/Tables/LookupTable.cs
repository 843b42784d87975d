using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace SlimtaFast.Lookup.Tables;

/// <summary>Keys, and patterns for whole addresses, with their values. Immutable and thread-safe.</summary>
internal sealed class LookupTable
{
    // Matching takes time linear in the key, whatever the pattern is.
    private const RegexOptions PatternOptions = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    private readonly FrozenDictionary<string, string> _values;
    private readonly (Regex Pattern, string Value)[] _patterns;

    /// <summary>Makes a table.</summary>
    public LookupTable(IEnumerable<KeyValuePair<string, string>> values, IEnumerable<(Regex Pattern, string Value)> patterns)
    {
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string key, string value) in values)
            all[key] = value;
        _values = all.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _patterns = [.. patterns];
    }

    /// <summary>
    /// Reads lines of a key and its value, with blanks between them. A key in slashes is a regular expression for whole addresses. Empty
    /// lines and lines that start with # are skipped. Fails with <see cref="FormatException"/>, which names the line.
    /// </summary>
    /// <param name="lines">The lines.</param>
    /// <param name="name">Where they come from, for people.</param>
    public static LookupTable Read(IEnumerable<string> lines, string name)
    {
        var values = new List<KeyValuePair<string, string>>();
        var patterns = new List<(Regex, string)>();
        int number = 0;
        foreach (string raw in lines)
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line[0] == '/')
                patterns.Add(ReadPattern(line, $"{name}, line {number}"));
            else
                values.Add(ReadEntry(line));
        }

        return new LookupTable(values, patterns);
    }

    /// <summary>The value of a key: its own entry, or of the first pattern that matches it where it is an address.</summary>
    public string? Find(string key)
    {
        if (_values.TryGetValue(key, out string? value))
            return value;
        if (!key.Contains('@', StringComparison.Ordinal))
            return null;
        foreach ((Regex pattern, string found) in _patterns)
        {
            if (pattern.IsMatch(key))
                return found;
        }

        return null;
    }

    private static KeyValuePair<string, string> ReadEntry(string line)
    {
        int blank = line.AsSpan().IndexOfAny(' ', '\t');
        return blank < 0 ? KeyValuePair.Create(line, "") : KeyValuePair.Create(line[..blank], line[(blank + 1)..].Trim());
    }

    private static (Regex Pattern, string Value) ReadPattern(string line, string where)
    {
        // The pattern ends at the first slash that a blank or the line's end follows, so that slashes may stand in it.
        int end = 1;
        do
            end = end < line.Length ? line.IndexOf('/', end) + 1 : 0;
        while (end > 0 && end < line.Length && line[end] is not (' ' or '\t'));
        if (end <= 2)
            throw new FormatException($"{where}: a pattern is written /pattern/ and followed by a blank and its value");
        try
        {
            return (new Regex(line[1..(end - 1)], PatternOptions), line[end..].Trim());
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"{where}: {wrong.Message}", wrong);
        }
    }
}
