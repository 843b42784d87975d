namespace SlimtaFast.MailAuth;

/// <summary>Makes what strangers wrote fit to be shown, logged and sent in a reply.</summary>
internal static class PrintableText
{
    /// <summary>The text in printable ASCII, anything else as a question mark, cut at so many characters.</summary>
    public static string Make(string text, int longest)
    {
        bool isCut = text.Length > longest;
        int unprintable = text.AsSpan(0, Math.Min(text.Length, longest)).IndexOfAnyExceptInRange(' ', '~');
        if (!isCut && unprintable < 0)
            return text;
        return string.Create(Math.Min(text.Length, longest), (text, isCut), static (span, from) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = from.text[i] is >= ' ' and <= '~' ? from.text[i] : '?';
            if (from.isCut)
                span[^3..].Fill('.');
        });
    }
}
