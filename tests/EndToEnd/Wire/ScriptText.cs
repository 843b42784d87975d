using System.Globalization;
using System.Text;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>
/// Text of a script with its escapes: <c>\r \n \t \0 \\ \{ \} \xNN</c>, and <c>{text*N}</c> for a repeated text, which may hold further ones.
/// Everything else stands for itself, in UTF-8.
/// </summary>
internal static class ScriptText
{
    /// <summary>The octets that a text stands for; throws <see cref="FormatException"/> where it stands for none.</summary>
    public static byte[] ToOctets(string text)
    {
        var octets = new List<byte>(text.Length);
        int at = 0;
        Read(text, ref at, octets, isNested: false);
        return [.. octets];
    }

    private static void Read(string text, ref int at, List<byte> octets, bool isNested)
    {
        while (at < text.Length)
        {
            char c = text[at++];
            switch (c)
            {
                case '\\':
                    ReadEscape(text, ref at, octets);
                    break;
                case '{':
                    var repeated = new List<byte>();
                    Read(text, ref at, repeated, isNested: true);
                    Repeat(text, ref at, repeated, octets);
                    break;
                case '*' when isNested && IsCount(text, at):
                    at--;
                    return;
                case '}':
                    throw new FormatException($"A brace without a count in: {text}");
                default:
                    int length = char.IsHighSurrogate(c) && at < text.Length ? 2 : 1;
                    octets.AddRange(Encoding.UTF8.GetBytes(text.Substring(at - 1, length)));
                    at += length - 1;
                    break;
            }
        }
    }

    private static bool IsCount(string text, int at)
    {
        int end = text.IndexOf('}', at);
        return end > at && text.AsSpan(at, end - at).IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static void Repeat(string text, ref int at, List<byte> repeated, List<byte> octets)
    {
        if (at >= text.Length || text[at] != '*')
            throw new FormatException($"A repetition without a count in: {text}");
        int end = text.IndexOf('}', at);
        int count = int.Parse(text.AsSpan(at + 1, end - at - 1), NumberStyles.None, CultureInfo.InvariantCulture);
        for (int i = 0; i < count; i++)
            octets.AddRange(repeated);
        at = end + 1;
    }

    private static void ReadEscape(string text, ref int at, List<byte> octets)
    {
        char c = at < text.Length ? text[at++] : throw new FormatException($"An escape without an end in: {text}");
        switch (c)
        {
            case 'r':
                octets.Add((byte)'\r');
                break;
            case 'n':
                octets.Add((byte)'\n');
                break;
            case 't':
                octets.Add((byte)'\t');
                break;
            case '0':
                octets.Add(0);
                break;
            case 'x' when at + 2 <= text.Length:
                octets.Add(byte.Parse(text.AsSpan(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                at += 2;
                break;
            case '\\' or '{' or '}' or '*':
                octets.Add((byte)c);
                break;
            default:
                throw new FormatException($"\\{c} is no escape, in: {text}");
        }
    }
}
