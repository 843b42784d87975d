using System.Buffers;
using System.Text;

namespace SlimtaFast.MailAuth.Spf;

/// <summary>
/// A macro-string that was read (RFC 7208 section 7.1):
/// <code>
/// macro-string = *( macro-expand / macro-literal )
/// macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
/// transformers = *DIGIT [ "r" ]
/// domain-spec  = macro-string ( ( "." toplabel [ "." ] ) / macro-expand )
/// </code>
/// Immutable.
/// </summary>
internal sealed class MacroText
{
    // No name has more labels, and no value more parts that could matter.
    private const int MostParts = 128;

    private const string Letters = "slodiphv";
    private const string ExplanationLetters = "crt";
    private const string Dot = ".";

    private static readonly SearchValues<char> DelimiterSigns = SearchValues.Create(".-+,/_=");

    private MacroText(MacroPart[] parts, MacroUse uses)
    {
        Parts = parts;
        Uses = uses;
        Literal = parts is [{ Literal: { } only }] ? only : null;
    }

    /// <summary>The pieces, in order.</summary>
    public IReadOnlyList<MacroPart> Parts { get; }

    /// <summary>The whole text where there is no macro in it; null otherwise.</summary>
    public string? Literal { get; }

    /// <summary>What its expansion depends on.</summary>
    public MacroUse Uses { get; }

    /// <summary>Reads a macro-string; never throws. A text that is not in the grammar has a problem instead.</summary>
    public static MacroText? Parse(ReadOnlySpan<char> text, MacroPlace place, out string? problem)
    {
        problem = null;
        if (text.IsEmpty && place == MacroPlace.DomainSpec)
        {
            problem = "a domain is missing";
            return null;
        }

        var parts = new List<MacroPart>();
        var literal = new StringBuilder();
        var uses = MacroUse.None;
        bool endsInMacro = false;
        int at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            endsInMacro = c == '%';
            if (c != '%')
            {
                if (!IsLiteral(c, place))
                {
                    problem = "it holds a character that may not stand there";
                    return null;
                }

                literal.Append(c);
                at++;
                continue;
            }

            char next = at + 1 < text.Length ? text[at + 1] : '\0';
            if (next is '%' or '_' or '-')
            {
                literal.Append(next switch { '%' => "%", '_' => " ", _ => "%20" });
                at += 2;
                continue;
            }

            MacroPart macro = default;
            int length = next == '{' ? ReadMacro(text[at..], place, out macro) : 0;
            if (length == 0)
            {
                problem = "it holds a macro that does not exist";
                return null;
            }

            Flush(literal, parts);
            parts.Add(macro);
            uses |= UseOf(macro.Letter);
            at += length;
        }

        Flush(literal, parts);
        if (place == MacroPlace.DomainSpec && !endsInMacro && !EndsInTopLabel(text))
        {
            problem = "it does not end in a name of the DNS";
            return null;
        }

        return new MacroText(parts.Count > 0 ? [.. parts] : [new MacroPart("", '\0', false, 0, false, Dot)], uses);
    }

    // macro-literal = %x21-24 / %x26-7E
    private static bool IsLiteral(char c, MacroPlace place) => c is > ' ' and <= '~' || (c == ' ' && place == MacroPlace.Explanation);

    private static void Flush(StringBuilder literal, List<MacroPart> parts)
    {
        if (literal.Length == 0)
            return;
        parts.Add(new MacroPart(literal.ToString(), '\0', false, 0, false, Dot));
        literal.Clear();
    }

    // The length of the macro at the start of the text, or 0 where it is none.
    private static int ReadMacro(ReadOnlySpan<char> text, MacroPlace place, out MacroPart macro)
    {
        macro = default;
        int end = text.IndexOf('}');
        if (end < 3)
            return 0;
        ReadOnlySpan<char> inside = text[2..end];
        char letter = char.ToLowerInvariant(inside[0]);
        if (!char.IsAsciiLetter(inside[0]) || !(Letters.Contains(letter) || (place != MacroPlace.DomainSpec && ExplanationLetters.Contains(letter))))
            return 0;
        int at = 1, keep = 0;
        bool hasDigits = false;
        for (; at < inside.Length && char.IsAsciiDigit(inside[at]); at++)
        {
            hasDigits = true;
            keep = Math.Min((keep * 10) + inside[at] - '0', MostParts);
        }

        // RFC 7208 section 7.3: the number must not be zero.
        if (hasDigits && keep == 0)
            return 0;
        bool isReversed = at < inside.Length && inside[at] is 'r' or 'R';
        if (isReversed)
            at++;
        ReadOnlySpan<char> delimiters = inside[at..];
        if (delimiters.ContainsAnyExcept(DelimiterSigns))
            return 0;
        macro = new MacroPart(null, letter, char.IsAsciiLetterUpper(inside[0]), keep, isReversed, delimiters.IsEmpty ? Dot : delimiters.ToString());
        return end + 1;
    }

    private static MacroUse UseOf(char letter) => letter switch
    {
        's' or 'l' => MacroUse.LocalPart,
        'h' => MacroUse.Hello,
        'p' => MacroUse.ValidatedName,
        _ => MacroUse.None,
    };

    // toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum ), with a dot before it
    private static bool EndsInTopLabel(ReadOnlySpan<char> text)
    {
        if (text[^1] == '.')
            text = text[..^1];
        int dot = text.LastIndexOf('.');
        if (dot < 0)
            return false;
        ReadOnlySpan<char> label = text[(dot + 1)..];
        if (label.IsEmpty || !char.IsAsciiLetterOrDigit(label[0]) || !char.IsAsciiLetterOrDigit(label[^1]))
            return false;
        bool isNumber = true;
        foreach (char c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return false;
            isNumber &= char.IsAsciiDigit(c);
        }

        return !isNumber;
    }
}
