using System.Text;

namespace SlimtaFast.MailAuth.Spf;

/// <summary>
/// Puts values in the place of macros (RFC 7208 section 7). Bounded: what a name of the DNS cannot hold is not built. Not thread-safe.
/// </summary>
internal sealed class MacroExpansion
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    // Of a name only its end counts, so what grows beyond this loses its beginning.
    private const int LongestWork = 2048;
    private const int KeptWork = 2 * (LongestName + 1);

    private readonly StringBuilder _text = new();

    /// <summary>
    /// A name to look up, in lower case without the final dot: labels are taken away from the left until it fits (section 7.3). Null where it
    /// is no name that the DNS can hold.
    /// </summary>
    /// <param name="text">The domain-spec.</param>
    /// <param name="values">What the letters stand for; <c>p</c> has to be known.</param>
    public string? ToName(MacroText text, in MacroValues values)
    {
        if (text.Literal is not null)
            return Normalize(text.Literal);
        _text.Clear();
        foreach (MacroPart part in text.Parts)
        {
            Append(part, values);
            if (_text.Length > LongestWork)
                _text.Remove(0, _text.Length - KeptWork);
        }

        return Normalize(_text.ToString());
    }

    /// <summary>The text of an explanation, cut at a number of characters.</summary>
    public string ToText(MacroText text, in MacroValues values, int longest)
    {
        _text.Clear();
        foreach (MacroPart part in text.Parts)
        {
            Append(part, values);
            if (_text.Length > longest)
                break;
        }

        return PrintableText.Make(_text.ToString(), longest);
    }

    /// <summary>The same for a name that stands as it is.</summary>
    public static string? Normalize(string name)
    {
        if (name.EndsWith('.'))
            name = name[..^1];
        while (name.Length > LongestName)
        {
            int dot = name.IndexOf('.', name.Length - LongestName - 1);
            if (dot < 0)
                return null;
            name = name[(dot + 1)..];
        }

        int start = 0;
        for (int i = 0; i <= name.Length; i++)
        {
            if (i < name.Length && name[i] != '.')
                continue;
            if (i == start || i - start > LongestLabel)
                return null;
            start = i + 1;
        }

        return name.ToLowerInvariant();
    }

    private void Append(in MacroPart part, in MacroValues values)
    {
        if (part.Literal is not null)
        {
            _text.Append(part.Literal);
            return;
        }

        string value = Transform(values.Get(part.Letter), part);
        _text.Append(part.IsEscaped ? Uri.EscapeDataString(value) : value);
    }

    private static string Transform(string value, in MacroPart part)
    {
        if (part is { Keep: 0, IsReversed: false, Delimiters: "." })
            return value;
        string[] pieces = value.Split(part.Delimiters.ToCharArray());
        if (part.IsReversed)
            Array.Reverse(pieces);
        int skipped = part.Keep > 0 ? Math.Max(0, pieces.Length - part.Keep) : 0;
        return string.Join('.', pieces.AsSpan(skipped));
    }
}
