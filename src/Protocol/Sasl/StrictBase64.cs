using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// Base64 as RFC 4648 section 4 writes it and nothing else: no blanks, whole quanta, no bits left over in front of the padding. Two
/// texts that decode to the same octets are the same text.
/// </summary>
internal static class StrictBase64
{
    private static readonly SearchValues<byte> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    /// <summary>Decodes; false where the text is not strictly base64. Empty text is no octets.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        if (text.Length % 4 != 0)
            return false;
        int padding = text.EndsWith("=="u8) ? 2 : text.EndsWith("="u8) ? 1 : 0;
        ReadOnlySpan<byte> digits = text[..^padding];
        if (digits.IndexOfAnyExcept(Alphabet) >= 0)
            return false;
        // The last digit before one "=" has two bits to spare, before two four; they are zero.
        int spare = padding == 0 ? 0 : padding == 1 ? 0b11 : 0b1111;
        if ((Value(digits.IsEmpty ? (byte)'A' : digits[^1]) & spare) != 0)
            return false;
        byte[] decoded = new byte[(text.Length / 4 * 3) - padding];
        if (Base64.DecodeFromUtf8(text, decoded, out int consumed, out int written) != OperationStatus.Done || consumed != text.Length || written != decoded.Length)
            return false;
        octets = decoded;
        return true;
    }

    /// <summary>The octets in base64.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> octets)
    {
        byte[] text = new byte[Base64.GetMaxEncodedToUtf8Length(octets.Length)];
        Base64.EncodeToUtf8(octets, text, out _, out _);
        return text;
    }

    private static int Value(byte digit) => digit switch
    {
        >= (byte)'A' and <= (byte)'Z' => digit - 'A',
        >= (byte)'a' and <= (byte)'z' => digit - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => digit - '0' + 52,
        (byte)'+' => 62,
        _ => 63,
    };
}
