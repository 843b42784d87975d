using System.Globalization;
using System.Text;

namespace SlimtaFast.Server.Administration;

/// <summary>
/// Text of strangers for a terminal: what would move the cursor, change colours, turn the direction of writing, or show as nothing is written as
/// <c>\u{1B}</c>. A backslash becomes two, so that nobody can write such a thing himself.
/// </summary>
internal static class TerminalText
{
    /// <summary>The text as it may be printed.</summary>
    public static string Escape(string? text)
    {
        if (text is null)
            return "";
        StringBuilder? escaped = null;
        for (int i = 0; i < text.Length;)
        {
            bool isWhole = Rune.TryGetRuneAt(text, i, out Rune rune);
            int length = isWhole ? rune.Utf16SequenceLength : 1;
            bool isPlain = isWhole && rune.Value != '\\' && !IsDangerous(rune);
            if (!isPlain)
                (escaped ??= new StringBuilder(text, 0, i, text.Length + 16)).Append(Spell(isWhole ? rune.Value : text[i]));
            else
                escaped?.Append(text, i, length);
            i += length;
        }

        return escaped?.ToString() ?? text;
    }

    private static string Spell(int value) => value == '\\' ? @"\\" : string.Create(CultureInfo.InvariantCulture, $"\\u{{{value:X}}}");

    // Format characters are, among others, those that turn the direction of writing and those without width.
    private static bool IsDangerous(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;
}
