using System.Globalization;

namespace SlimtaFast.Server.Configuration;

/// <summary>A server's name or address and its port. Immutable.</summary>
/// <param name="Host">A host name or an IP address, without brackets.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record HostPort(string Host, int Port)
{
    /// <summary>Reads <c>HOST:PORT</c>, <c>HOST</c> or <c>[IPv6]:PORT</c>.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="defaultPort">The port where none is given.</param>
    public static HostPort Parse(string text, int defaultPort)
    {
        string host = text, port = "";
        int bracket = text.IndexOf(']', StringComparison.Ordinal);
        int colon = text.LastIndexOf(':');
        if (colon > bracket)
            (host, port) = (text[..colon], text[(colon + 1)..]);
        if (host is ['[', .. string inner, ']'])
            host = System.Net.IPAddress.TryParse(inner, out _) ? inner : throw new FormatException($"'{inner}' is not an IPv6 address");
        else if (Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.IPv6)
            throw new FormatException($"'{text}' is not HOST:PORT");
        if (port.Length == 0 && colon <= bracket)
            return new HostPort(host, defaultPort);
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) || number == 0)
            throw new FormatException($"'{port}' is not a port");
        return new HostPort(host, number);
    }

    /// <summary>Reads <c>smtp://HOST:PORT</c>.</summary>
    public static HostPort ParseSmtp(string text) => ParseUri(text, "smtp://", 25);

    /// <summary>Reads <c>smtps://HOST:PORT</c>.</summary>
    public static HostPort ParseSmtps(string text) => ParseUri(text, "smtps://", 465);

    /// <summary>Reads <c>lmtp://HOST:PORT</c>.</summary>
    public static HostPort ParseLmtp(string text) => ParseUri(text, "lmtp://", 24);

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    private static HostPort ParseUri(string text, string scheme, int defaultPort)
    {
        if (!text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"'{text}' is not {scheme}HOST:PORT");
        return Parse(text[scheme.Length..].TrimEnd('/'), defaultPort);
    }
}
