using System.Net;

namespace SlimtaFast.Server.Configuration;

/// <summary>Reads <c>ADDRESS/BITS</c> or a single address.</summary>
internal static class TrustedNetwork
{
    /// <summary>The network, or a <see cref="FormatException"/> that says what is wrong.</summary>
    public static IPNetwork Parse(string text)
    {
        if (IPNetwork.TryParse(text, out IPNetwork network))
            return network;
        if (IPAddress.TryParse(text, out IPAddress? address))
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        throw new FormatException($"'{text}' is not a network such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7");
    }
}
