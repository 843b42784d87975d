using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SlimtaFast.Edge.Reputation;

/// <summary>Writes addresses backwards, as names in the DNS have them (RFC 5782 sections 2.1 and 2.4).</summary>
internal static class ReverseNotation
{
    /// <summary><c>192.0.2.7</c> becomes <c>7.2.0.192</c>; an IPv6 address becomes its 32 nibbles, the last one first.</summary>
    public static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        byte[] bytes = address.GetAddressBytes();
        var name = new StringBuilder(64);
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            if (address.AddressFamily == AddressFamily.InterNetwork)
                name.Append(CultureInfo.InvariantCulture, $"{bytes[i]}.");
            else
                name.Append(CultureInfo.InvariantCulture, $"{bytes[i] & 15:x}.{bytes[i] >> 4:x}.");
        }

        name.Length--;
        return name.ToString();
    }
}
