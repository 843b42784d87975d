using System.Globalization;
using System.Net;

namespace SlimtaFast.Server.Configuration;

/// <summary>Reads <c>[SCHEME://]ADDR:PORT</c> of a listener.</summary>
internal static class ListenAddress
{
    /// <summary>The end point, or a <see cref="FormatException"/> that says what is wrong.</summary>
    public static IPEndPoint Parse(string text)
    {
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            RefuseForeign(text[..scheme], text);
            text = text[(scheme + 3)..];
        }
        else if (text.StartsWith("lmtp+unix:", StringComparison.OrdinalIgnoreCase))
        {
            RefuseForeign("lmtp+unix", text);
        }

        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw new FormatException($"'{text}' is not ADDR:PORT, such as 127.0.0.1:2525, [::1]:2525 or *:25");
        return new IPEndPoint(ParseAddress(text[..colon]), port);
    }

    private static void RefuseForeign(string scheme, string text)
    {
        switch (scheme.ToUpperInvariant())
        {
            case "SMTP":
                return;
            case "SMTPS" or "LMTP" or "LMTP+UNIX" or "HTTP":
                throw new FormatException($"'{text}': this version listens for smtp only, not yet for {scheme}");
            default:
                throw new FormatException($"'{text}': unknown scheme '{scheme}'; listeners are smtp://ADDR:PORT or ADDR:PORT");
        }
    }

    private static IPAddress ParseAddress(string host) => host switch
    {
        "*" or "" => IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        ['[', .. string inner, ']'] when IPAddress.TryParse(inner, out IPAddress? six) => six,
        _ when !host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(host, out IPAddress? four) => four,
        _ => throw new FormatException($"'{host}' is not an IP address; an IPv6 address stands in brackets, and * means every IPv4 address"),
    };
}
