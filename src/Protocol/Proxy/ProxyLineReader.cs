using System.Net;
using System.Text;

namespace SlimtaFast.Protocol.Proxy;

/// <summary>
/// Reads the line of version 1:
/// <code>
/// line = "PROXY" SP ( "UNKNOWN" *OCTET / ( "TCP4" / "TCP6" ) SP source SP destination SP source-port SP destination-port ) CRLF
/// </code>
/// One space each, addresses in their usual form, ports without leading zeros: the format leaves no room, and neither does this.
/// </summary>
internal static class ProxyLineReader
{
    private const int Parts = 5;

    /// <summary>Reads what stands between <c>PROXY </c> and CRLF; null where it is malformed.</summary>
    public static ProxyHeader? Read(ReadOnlySpan<byte> line)
    {
        var unknown = new ProxyHeader { Version = ProxyVersion.V1 };
        if (line.StartsWith("UNKNOWN"u8) && (line.Length == 7 || line[7] == (byte)' '))
            return unknown;
        Span<char> text = stackalloc char[line.Length];
        if (Encoding.ASCII.GetChars(line, text) != line.Length)
            return null;
        Span<Range> parts = stackalloc Range[Parts + 1];
        if (((ReadOnlySpan<char>)text).Split(parts, ' ') != Parts)
            return null;
        ReadOnlySpan<char> family = text[parts[0]];
        bool isIp4 = family.SequenceEqual("TCP4");
        if (!isIp4 && !family.SequenceEqual("TCP6"))
            return null;
        IPEndPoint? source = Read(text[parts[1]], text[parts[3]], isIp4), destination = Read(text[parts[2]], text[parts[4]], isIp4);
        return source is null || destination is null ? null : unknown with { Source = source, Destination = destination };
    }

    private static IPEndPoint? Read(ReadOnlySpan<char> address, ReadOnlySpan<char> port, bool isIp4)
    {
        IPAddress? read = isIp4 ? ProxyAddressText.ReadIp4(address) : ProxyAddressText.ReadIp6(address);
        return read is not null && ProxyAddressText.ReadNumber(port, ushort.MaxValue) is { } number ? new IPEndPoint(read, number) : null;
    }
}
