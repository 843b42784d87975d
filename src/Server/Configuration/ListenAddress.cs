using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SlimtaFast.Edge;
using SlimtaFast.Edge.Http;

namespace SlimtaFast.Server.Configuration;

/// <summary>
/// Where to listen: <c>[smtp://|smtps://|lmtp://]ADDR:PORT</c>, <c>lmtp+unix:PATH[?mode=OCTAL]</c>, or <c>http[s]://ADDR:PORT[/PATH]</c>.
/// Exactly one of the two is not null. Immutable.
/// </summary>
/// <param name="Mail">A listener for SMTP or LMTP.</param>
/// <param name="Http">A listener for mail over HTTP.</param>
internal sealed record ListenAddress(EdgeListener? Mail, HttpEdgeListener? Http)
{
    private const string LmtpSocket = "lmtp+unix:";

    /// <summary>The listener, or a <see cref="FormatException"/> that says what is wrong.</summary>
    public static ListenAddress Parse(string text)
    {
        if (text.StartsWith(LmtpSocket, StringComparison.OrdinalIgnoreCase))
            return new ListenAddress(ParseSocket(text), null);
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        string kind = scheme < 0 ? "SMTP" : ParseScheme(text[..scheme], text);
        string address = scheme < 0 ? text : text[(scheme + 3)..];
        string path = "";
        if (kind is "HTTP" or "HTTPS" && address.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0)
            (address, path) = (address[..slash], address[slash..]);
        int colon = address.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw new FormatException($"'{address}' is not ADDR:PORT, such as 127.0.0.1:2525, [::1]:2525 or *:25");
        var endPoint = new IPEndPoint(ParseAddress(address[..colon]), port);
        return kind is "HTTP" or "HTTPS"
            ? new ListenAddress(null, new HttpEdgeListener(endPoint) { IsSecure = kind == "HTTPS", Path = ParsePath(path) })
            : new ListenAddress(new EdgeListener(endPoint) { Lmtp = kind == "LMTP", ImplicitTls = kind == "SMTPS" }, null);
    }

    private static string ParsePath(string path)
    {
        if (path.AsSpan().IndexOfAny('?', '#') >= 0 || path.AsSpan(0, Math.Max(0, path.Length - 1)).Contains('*'))
            throw new FormatException($"'{path}' is not a path such as /mail, or /mail/* for all that begin so");
        return path is "" or "/" ? "/*" : path;
    }

    /// <summary>A listener for SMTP or LMTP; one for HTTP is refused.</summary>
    public static EdgeListener ParseMail(string text) =>
        Parse(text).Mail ?? throw new FormatException($"'{text}': only smtp, smtps and lmtp are listened for here");

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
            "SMTP" or "SMTPS" or "LMTP" or "HTTP" or "HTTPS" => name,
            _ => throw new FormatException($"'{text}': unknown scheme '{scheme}'; listeners are smtp://ADDR:PORT, smtps://ADDR:PORT, lmtp://ADDR:PORT, lmtp+unix:PATH, http://ADDR:PORT/PATH, https://ADDR:PORT/PATH or ADDR:PORT"),
        };
    }

    /// <summary>The address of a listener; throws <see cref="FormatException"/>.</summary>
    public static IPAddress ParseAddress(string host) => host switch
    {
        "*" or "" => IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        ['[', .. string inner, ']'] when IPAddress.TryParse(inner, out IPAddress? six) => six,
        _ when !host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(host, out IPAddress? four) => four,
        _ => throw new FormatException($"'{host}' is not an IP address; an IPv6 address stands in brackets, and * means every IPv4 address"),
    };
}
