using System.Text.RegularExpressions;

namespace SlimtaFast.Server.Schema;

/// <summary>What docs/configuration.md, which is part of the executable, says of each key: its tables are the one place where keys are described.</summary>
internal sealed partial class KeyDocumentation
{
    private readonly Dictionary<string, (string Default, string Meaning)> _keys = new(StringComparer.OrdinalIgnoreCase);

    private KeyDocumentation(string page)
    {
        foreach (string line in page.Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal)))
        {
            // | `Key` | (`--option` |) default | running or restart | meaning |
            string[] cells = [.. CellBorder().Split(line)[1..^1].Select(static cell => cell.Trim())];
            string when = cells[^2] == "restart" ? "A change counts after a restart." : "A change counts while the server runs.";
            _keys[cells[0].Trim('`')] = (cells[^3], $"{Plain(cells[^1])}. {when}");
        }
    }

    /// <summary>Reads the page that is part of the executable.</summary>
    public static KeyDocumentation Load()
    {
        using Stream page = typeof(KeyDocumentation).Assembly.GetManifestResourceStream("configuration.md") ?? throw new InvalidOperationException("The executable lacks its page on the configuration.");
        using var reader = new StreamReader(page);
        return new KeyDocumentation(reader.ReadToEnd());
    }

    /// <summary>What the key means and when a change counts; null where nothing is said.</summary>
    public string? FindMeaning(string key) => _keys.TryGetValue(key, out (string, string Meaning) entry) ? Capitalize(entry.Meaning) : null;

    /// <summary>The default where it is a value; null where it is none, or follows from something else.</summary>
    public string? FindDefault(string key) =>
        _keys.TryGetValue(key, out (string Default, string) entry) && OneValue().Match(entry.Default) is { Success: true } value ? value.Groups[1].Value : null;

    private static string Plain(string cell) => Link().Replace(cell, "$1").Replace("`", "", StringComparison.Ordinal).Replace(@"\|", "|", StringComparison.Ordinal);

    private static string Capitalize(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex CellBorder();

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\A`([^`]+)`\z")]
    private static partial Regex OneValue();
}
