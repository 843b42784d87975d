namespace SlimtaFast.Server.Configuration;

/// <summary>Splits <c>ADDRESS?name=value&amp;name=value</c>.</summary>
internal static class QueryText
{
    /// <summary>The address and the parameters, percent-decoded; a <see cref="FormatException"/> where a parameter has no value.</summary>
    public static (string Address, IReadOnlyList<KeyValuePair<string, string>> Parameters) Split(string text)
    {
        int mark = text.IndexOf('?', StringComparison.Ordinal);
        if (mark < 0)
            return (text, []);
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (string part in text[(mark + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new FormatException($"'{part}' is not name=value");
            parameters.Add(KeyValuePair.Create(part[..equals], Uri.UnescapeDataString(part[(equals + 1)..])));
        }

        return (text[..mark], parameters);
    }
}
