using System.Globalization;
using System.Net;

namespace SlimtaFast.Server.Configuration;

/// <summary>Where a listener listens, as <c>[SCHEME://]ADDR:PORT</c> names it. Immutable.</summary>
/// <param name="EndPoint">The address.</param>
/// <param name="ImplicitTls">True for <c>smtps</c>: the TLS handshake comes first.</param>
internal sealed record ListenAddress(IPEndPoint EndPoint, bool ImplicitTls = false)
{
    /// <summary>Reads a listener's address, or throws a <see cref="FormatException"/> that says what is wrong.</summary>
    public static ListenAddress Parse(string text)
    {
        bool implicitTls = false;
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            implicitTls = text.StartsWith("smtps:", StringComparison.OrdinalIgnoreCase);
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
        return new ListenAddress(new IPEndPoint(ParseAddress(text[..colon]), port), implicitTls);
    }

    /// <inheritdoc/>
    public override string ToString() => ImplicitTls ? $"smtps://{EndPoint}" : EndPoint.ToString();

    private static void RefuseForeign(string scheme, string text)
    {
        switch (scheme.ToUpperInvariant())
        {
            case "SMTP" or "SMTPS":
                return;
            case "LMTP" or "LMTP+UNIX" or "HTTP":
                throw new FormatException($"'{text}': this version listens for smtp and smtps only, not yet for {scheme}");
            default:
                throw new FormatException($"'{text}': unknown scheme '{scheme}'; listeners are smtp://ADDR:PORT, smtps://ADDR:PORT or ADDR:PORT");
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
