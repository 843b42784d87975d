using System.Text;

namespace SlimtaFast.Protocol.Client;

/// <summary>
/// Writes values of ESMTP parameters (RFC 3461 section 4):
/// <code>
/// xtext = *( xchar / hexchar )      ; xchar: printable ASCII but "+" and "=";  hexchar: "+" 2HEXDIG
/// </code>
/// and, for addresses beyond ASCII, the forms of RFC 6533 section 3.
/// </summary>
internal static class XtextEncoder
{
    private const string Hex = "0123456789ABCDEF";

    /// <summary>Octets that a value may take at most.</summary>
    public static int GetMaxLength(string value) => value.Length * 10;

    /// <summary>Writes xtext; what is beyond ASCII goes as its UTF-8 octets. Returns the octets written.</summary>
    public static int Encode(ReadOnlySpan<char> value, Span<byte> target)
    {
        Span<byte> utf8 = stackalloc byte[4];
        int at = 0;
        foreach (Rune rune in value.EnumerateRunes())
        {
            int length = rune.EncodeToUtf8(utf8);
            for (int i = 0; i < length; i++)
                at = Put(utf8[i], target, at);
        }

        return at;
    }

    /// <summary>
    /// Writes an address of type <c>utf-8</c>: as it is where the transaction has SMTPUTF8, else each character beyond ASCII as
    /// <c>\x{HEX}</c>.
    /// </summary>
    public static int EncodeUtf8Address(ReadOnlySpan<char> address, bool smtpUtf8, Span<byte> target)
    {
        int at = 0;
        foreach (Rune rune in address.EnumerateRunes())
        {
            if (rune.IsAscii)
                at = Put((byte)rune.Value, target, at);
            else if (smtpUtf8)
                at += rune.EncodeToUtf8(target[at..]);
            else
                at += WriteEmbedded(rune, target[at..]);
        }

        return at;
    }

    private static int WriteEmbedded(Rune rune, Span<byte> target)
    {
        // EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"
        "\\x{"u8.CopyTo(target);
        _ = rune.Value.TryFormat(target[3..], out int digits, "X2", System.Globalization.CultureInfo.InvariantCulture);
        target[3 + digits] = (byte)'}';
        return digits + 4;
    }

    private static int Put(byte octet, Span<byte> target, int at)
    {
        if (octet is > 32 and < 127 and not (byte)'+' and not (byte)'=')
        {
            target[at++] = octet;
            return at;
        }

        target[at++] = (byte)'+';
        target[at++] = (byte)Hex[octet >> 4];
        target[at++] = (byte)Hex[octet & 15];
        return at;
    }
}
