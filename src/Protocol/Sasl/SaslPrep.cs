using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// Prepares user names and passwords for comparison (RFC 4013): maps, normalizes by NFKC, and refuses what is prohibited. Two things
/// differ from the letter of RFC 3454: characters that Unicode 3.2 did not know are allowed, because names are older than no standard,
/// and the direction of a character is judged by its block (Hebrew to Arabic Extended-A and their presentation forms), not by table D.1.
/// </summary>
internal static class SaslPrep
{
    /// <summary>The prepared text; false where it is prohibited, malformed or empty.</summary>
    public static bool TryPrepare(string text, [NotNullWhen(true)] out string? prepared)
    {
        prepared = null;
        if (text.Length == 0)
            return false;
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            prepared = text;
            return true;
        }

        if (!TryMap(text, out string? mapped) || mapped.Length == 0)
            return false;
        string normal = mapped.Normalize(NormalizationForm.FormKC);
        if (IsProhibited(normal) || !HasOneDirection(normal))
            return false;
        prepared = normal;
        return true;
    }

    // RFC 4013 section 2.1: odd spaces (table C.1.2) become spaces, and what is commonly mapped to nothing (table B.1) goes.
    private static bool TryMap(string text, [NotNullWhen(true)] out string? mapped)
    {
        mapped = null;
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                result.Append(c).Append(text[++i]);
                continue;
            }

            if (char.IsSurrogate(c))
                return false;
            if (c is '\u00A0' or '\u1680' or (>= '\u2000' and <= '\u200B') or '\u202F' or '\u205F' or '\u3000')
                result.Append(' ');
            else if (c is not ('\u00AD' or '\u034F' or '\u1806' or (>= '\u180B' and <= '\u180D') or '\u200C' or '\u200D' or '\u2060' or (>= '\uFE00' and <= '\uFE0F') or '\uFEFF'))
                result.Append(c);
        }

        mapped = result.ToString();
        // Normalizing fails on what is no character.
        return !ContainsNonCharacter(mapped);
    }

    private static bool ContainsNonCharacter(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if ((rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF)
                return true;
        }

        return false;
    }

    // RFC 4013 section 2.3: tables C.2.1 to C.9 of RFC 3454.
    private static bool IsProhibited(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            int c = rune.Value;
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                return true;
            if (c is 0x06DD or 0x070F or 0x180E or (>= 0x2061 and <= 0x2063) or (>= 0x1D173 and <= 0x1D17A)
                or (>= 0xFFF9 and <= 0xFFFD) or (>= 0x2FF0 and <= 0x2FFB)
                or 0x0340 or 0x0341 or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x206A and <= 0x206F)
                or 0xE0001 or (>= 0xE0020 and <= 0xE007F))
                return true;
        }

        return ContainsNonCharacter(text);
    }

    // RFC 3454 section 6: text with a character that runs right to left has no letter that runs left to right, and begins and ends with
    // one that runs right to left.
    private static bool HasOneDirection(string text)
    {
        bool hasRight = false, hasLeft = false, lastIsRight = false, firstIsRight = false, isFirst = true;
        foreach (Rune rune in text.EnumerateRunes())
        {
            lastIsRight = IsRightToLeft(rune);
            if (isFirst)
                firstIsRight = lastIsRight;
            isFirst = false;
            hasRight |= lastIsRight;
            hasLeft |= !lastIsRight && Rune.IsLetter(rune);
        }

        return !hasRight || (!hasLeft && firstIsRight && lastIsRight);
    }

    private static bool IsRightToLeft(Rune rune)
    {
        int c = rune.Value;
        bool inBlock = c is (>= 0x0590 and <= 0x08FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFF) or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF);
        return inBlock && Rune.IsLetter(rune);
    }
}
