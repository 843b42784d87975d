using System.Text;
using System.Text.Unicode;

namespace SlimtaFast.Protocol.Commands;

/// <summary>
/// Decodes the text of DSN parameters (RFC 3461 section 4):
/// <code>
/// xtext   = *( xchar / hexchar )
/// hexchar = "+" 2HEXDIG                ; upper case
/// </code>
/// What comes out goes into reports, so that a hexchar must not smuggle a line break into them: decoded text with a control character is
/// refused. UTF-8 stands for itself (RFC 6533 section 3).
/// </summary>
internal static class Xtext
{
    // Longer than any value that a parameter may have.
    private const int Longest = 512;

    /// <summary>The decoded text, or null where it is malformed, holds a control character, or is longer than 512 octets.</summary>
    public static string? Decode(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Length > Longest)
            return null;
        Span<byte> decoded = stackalloc byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte c = text[i];
            if (c == (byte)'+')
            {
                if (i + 2 >= text.Length || !TryReadHex(text[i + 1], out int high) || !TryReadHex(text[i + 2], out int low))
                    return null;
                c = (byte)((high << 4) | low);
                i += 2;
            }

            decoded[length++] = c;
        }

        decoded = decoded[..length];
        if (!Utf8.IsValid(decoded))
            return null;
        string result = Encoding.UTF8.GetString(decoded);
        foreach (char c in result)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                return null;
        }

        return result;
    }

    private static bool TryReadHex(byte digit, out int value)
    {
        value = digit switch
        {
            >= (byte)'0' and <= (byte)'9' => digit - '0',
            >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
            // Lower case is wrong but means nothing else.
            >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
            _ => -1,
        };
        return value >= 0;
    }
}
