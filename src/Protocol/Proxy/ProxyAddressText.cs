using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.Protocol.Proxy;

/// <summary>
/// Reads addresses in their one usual form. The framework's parser also takes octal, hexadecimal and shortened forms, and what two
/// programs read as two addresses must not decide who is trusted.
/// </summary>
internal static class ProxyAddressText
{
    private const int LongestIp4 = 15;
    private const int LongestIp6 = 45;

    private static readonly SearchValues<char> Ip6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Four decimal numbers without leading zeros, or null.</summary>
    public static IPAddress? ReadIp4(ReadOnlySpan<char> text)
    {
        if (text.Length > LongestIp4)
            return null;
        Span<byte> octets = stackalloc byte[4];
        int count = 0;
        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> number = text[range];
            if (count == octets.Length || ReadNumber(number, byte.MaxValue) is not { } value)
                return null;
            octets[count++] = (byte)value;
        }

        return count == octets.Length ? new IPAddress(octets) : null;
    }

    /// <summary>An IPv6 address without brackets, scope or prefix length, or null.</summary>
    public static IPAddress? ReadIp6(ReadOnlySpan<char> text)
    {
        if (text.Length > LongestIp6 || !text.Contains(':') || text.ContainsAnyExcept(Ip6Characters))
            return null;
        return IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null;
    }

    /// <summary>A decimal number up to a bound, without sign or leading zeros; else null.</summary>
    public static int? ReadNumber(ReadOnlySpan<char> text, int most)
    {
        if (text.IsEmpty || text.Length > 5 || (text[0] == '0' && text.Length > 1))
            return null;
        int value = 0;
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c))
                return null;
            value = (value * 10) + (c - '0');
        }

        return value <= most ? value : null;
    }
}
