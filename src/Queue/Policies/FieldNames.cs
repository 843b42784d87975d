using System.Text;

namespace SlimtaFast.Queue.Policies;

/// <summary>Names of header fields, some of them with <c>*</c> for any text, in any case of letters. Immutable.</summary>
internal sealed class FieldNames
{
    private readonly byte[][] _patterns;

    /// <summary>Takes names such as <c>X-Spam-*</c>; throws <see cref="FormatException"/> for what is no name.</summary>
    public FieldNames(IEnumerable<string> patterns)
    {
        _patterns = [.. patterns.Select(static pattern => Check(pattern, allowStar: true))];
        if (_patterns.Length == 0)
            throw new FormatException("no header field is named");
    }

    /// <summary>One name without a star as bytes; throws <see cref="FormatException"/> for what is no name (RFC 5322 section 2.2).</summary>
    public static byte[] CheckName(string name) => Check(name, allowStar: false);

    /// <summary>True where a name is one of these. Takes time in the product of both lengths at most.</summary>
    public bool Match(ReadOnlySpan<byte> name)
    {
        foreach (byte[] pattern in _patterns)
        {
            if (Match(pattern, name))
                return true;
        }

        return false;
    }

    private static byte[] Check(string name, bool allowStar)
    {
        bool isName = name is { Length: > 0 and <= 200 } && name.All(c => c is > ' ' and < '\x7f' and not ':' && (allowStar || c != '*'));
        return isName ? Encoding.ASCII.GetBytes(name) : throw new FormatException($"'{name}' is not the name of a header field");
    }

    private static bool Match(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> name)
    {
        // Where the last star stood, and from where on it was taken to end.
        int star = -1, mark = 0, p = 0, n = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == (byte)'*')
            {
                star = p++;
                mark = n;
            }
            else if (p < pattern.Length && Lower(pattern[p]) == Lower(name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++mark;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == (byte)'*')
            p++;
        return p == pattern.Length;
    }

    private static int Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? c | 0x20 : c;
}
