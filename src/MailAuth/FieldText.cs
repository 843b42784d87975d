using System.Text;

namespace SlimtaFast.MailAuth;

/// <summary>Composes a header field of parts from outside, none of which can end it, or what it stands in. Not thread-safe.</summary>
internal sealed class FieldText
{
    // Each part has a line of its own, which must not be longer than 998 octets (RFC 5322 section 2.1.1), even where every sign is escaped.
    private const int LongestPart = 450;

    private const string AtomSigns = "!#$%&'*+-/=?^_`{|}~";

    private readonly StringBuilder _text = new();

    /// <summary>Appends text that is known to be clean.</summary>
    public FieldText Append(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Goes on in the next line.</summary>
    public FieldText Fold()
    {
        _text.Append("\r\n ");
        return this;
    }

    /// <summary>Appends a comment (RFC 5322 section 3.2.2).</summary>
    public FieldText AppendComment(string text)
    {
        _text.Append('(');
        foreach (char c in PrintableText.Make(text, LongestPart))
            _text.Append(c is '(' or ')' or '\\' ? '?' : c);
        _text.Append(')');
        return this;
    }

    /// <summary>Appends a value: as it is where it is a dot-atom, else as a quoted string (RFC 5322 section 3.2.4).</summary>
    public FieldText AppendValue(string value) => IsDotAtom(value) && value.Length <= LongestPart ? Append(value) : AppendQuoted(value);

    /// <summary>Appends a quoted string.</summary>
    public FieldText AppendQuoted(string value)
    {
        _text.Append('"');
        foreach (char c in PrintableText.Make(value, LongestPart))
        {
            if (c is '"' or '\\')
                _text.Append('\\');
            _text.Append(c);
        }

        _text.Append('"');
        return this;
    }

    /// <summary>The whole field with its line end.</summary>
    public override string ToString() => _text + "\r\n";

    /// <summary>True for what needs no quotes: atoms with dots between them.</summary>
    public static bool IsDotAtom(ReadOnlySpan<char> value)
    {
        bool wasDot = true;
        foreach (char c in value)
        {
            if (c == '.' ? wasDot : !char.IsAsciiLetterOrDigit(c) && !AtomSigns.Contains(c))
                return false;
            wasDot = c == '.';
        }

        return !wasDot;
    }
}
