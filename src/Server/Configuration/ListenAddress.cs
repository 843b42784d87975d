using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SlimtaFast.Edge;

namespace SlimtaFast.Server.Configuration;

/// <summary>Reads <c>[smtp://|smtps://|lmtp://]ADDR:PORT</c> or <c>lmtp+unix:PATH[?mode=OCTAL]</c> of a listener.</summary>
internal static class ListenAddress
{
    private const string LmtpSocket = "lmtp+unix:";

    /// <summary>The listener, or a <see cref="FormatException"/> that says what is wrong.</summary>
    public static EdgeListener Parse(string text)
    {
        if (text.StartsWith(LmtpSocket, StringComparison.OrdinalIgnoreCase))
            return ParseSocket(text);
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        string kind = scheme < 0 ? "SMTP" : ParseScheme(text[..scheme], text);
        string address = scheme < 0 ? text : text[(scheme + 3)..];
        int colon = address.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw new FormatException($"'{address}' is not ADDR:PORT, such as 127.0.0.1:2525, [::1]:2525 or *:25");
        return new EdgeListener(new IPEndPoint(ParseAddress(address[..colon]), port)) { Lmtp = kind == "LMTP", ImplicitTls = kind == "SMTPS" };
    }

    private static EdgeListener ParseSocket(string text)
    {
        (string path, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text[LmtpSocket.Length..]);
        UnixFileMode? mode = null;
        foreach ((string name, string value) in parameters)
        {
            if (name != "mode")
                throw new FormatException($"'{text}': a socket knows no parameter '{name}'; it knows mode");
            mode = ParseMode(value);
        }

        return new EdgeListener(new UnixDomainSocketEndPoint(SocketPath.Parse(path))) { Lmtp = true, SocketMode = mode };
    }

    private static UnixFileMode ParseMode(string text)
    {
        int mode = 0;
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7' || text.Length > 4)
                throw new FormatException($"mode={text} is not a file mode in octal such as 0660");
            mode = (mode * 8) + (digit - '0');
        }

        return text.Length > 0 && mode <= 511 ? (UnixFileMode)mode : throw new FormatException($"mode={text} is not a file mode from 0 to 0777");
    }

    private static string ParseScheme(string scheme, string text)
    {
        string name = scheme.ToUpperInvariant();
        return name switch
        {
            "SMTP" or "SMTPS" or "LMTP" => name,
            "HTTP" => throw new FormatException($"'{text}': this version listens for smtp, smtps and lmtp only, not yet for {scheme}"),
            _ => throw new FormatException($"'{text}': unknown scheme '{scheme}'; listeners are smtp://ADDR:PORT, smtps://ADDR:PORT, lmtp://ADDR:PORT, lmtp+unix:PATH or ADDR:PORT"),
        };
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
