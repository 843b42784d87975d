using System.Net;
using System.Text;
using SlimtaFast.Protocol.Proxy;

namespace SlimtaFast.Protocol.Commands;

/// <summary>
/// Reads the argument of XCLIENT or XFORWARD as Postfix defines them:
/// <code>
/// argument  = attribute *( SP attribute )
/// attribute = name "=" xtext          ; names, and the values in square brackets, without regard to case
/// </code>
/// Values are as strict as what they stand in for: a name must be able to stand in a Received field, an address is in the usual form only.
/// Pure; it never throws.
/// </summary>
internal static class ClientAttributesParser
{
    private const int LongestText = 255;

    private static readonly ClientAttribute[] Single =
    [
        ClientAttribute.Name, ClientAttribute.Addr, ClientAttribute.Port, ClientAttribute.Proto, ClientAttribute.Helo, ClientAttribute.Login,
        ClientAttribute.DestAddr, ClientAttribute.DestPort, ClientAttribute.Ident, ClientAttribute.Source,
    ];

    /// <summary>The attributes, or null where any is malformed, unknown, told twice, or not one of <paramref name="allowed"/>.</summary>
    public static ClientAttributes? Parse(ReadOnlySpan<byte> text, ClientAttribute allowed)
    {
        var all = new ClientAttributes();
        while (!text.IsEmpty)
        {
            int space = text.IndexOf((byte)' ');
            ReadOnlySpan<byte> attribute = space < 0 ? text : text[..space];
            text = space < 0 ? default : text[(space + 1)..].TrimStart((byte)' ');
            int equals = attribute.IndexOf((byte)'=');
            if (equals <= 0)
                return null;
            ClientAttribute name = ReadName(attribute[..equals]);
            if ((name & allowed) == 0 || (name & all.Given) != 0 || Read(name, attribute[(equals + 1)..]) is not { } one)
                return null;
            all = all.With(one);
        }

        return all.Given == ClientAttribute.None ? null : all;
    }

    private static ClientAttribute ReadName(ReadOnlySpan<byte> name)
    {
        foreach (ClientAttribute known in Single)
        {
            if (Ascii.EqualsIgnoreCase(name, known.ToString()))
                return known;
        }

        return ClientAttribute.None;
    }

    private static ClientAttributes? Read(ClientAttribute name, ReadOnlySpan<byte> text)
    {
        var unknown = new ClientAttributes { Given = name };
        if (Ascii.EqualsIgnoreCase(text, "[UNAVAILABLE]"u8) || Ascii.EqualsIgnoreCase(text, "[TEMPUNAVAIL]"u8))
            return unknown;
        if (Xtext.Decode(text) is not { } value)
            return null;
        switch (name)
        {
            case ClientAttribute.Name:
                return IsName(value) ? unknown with { Name = value } : null;
            case ClientAttribute.Helo:
                return IsName(value) ? unknown with { HelloName = value } : null;
            case ClientAttribute.Addr:
                return ReadAddress(value) is { } address ? unknown with { Address = address } : null;
            case ClientAttribute.DestAddr:
                return ReadAddress(value) is { } destination ? unknown with { DestinationAddress = destination } : null;
            case ClientAttribute.Port:
                return ReadPort(value) is { } port ? unknown with { Port = port } : null;
            case ClientAttribute.DestPort:
                return ReadPort(value) is { } destinationPort ? unknown with { DestinationPort = destinationPort } : null;
            case ClientAttribute.Proto:
                return value.ToUpperInvariant() is "SMTP" or "ESMTP" ? unknown with { Protocol = value.ToUpperInvariant() } : null;
            case ClientAttribute.Source:
                return value.ToUpperInvariant() is "LOCAL" or "REMOTE" ? unknown with { Source = value.ToUpperInvariant() } : null;
            case ClientAttribute.Login:
                return value.Length <= LongestText ? unknown with { Login = value } : null;
            default:
                return value.Length <= LongestText ? unknown with { Ident = value } : null;
        }
    }

    private static bool IsName(string value) => Ascii.IsValid(value) && HelloName.IsAcceptable(Encoding.ASCII.GetBytes(value));

    // An IPv6 address has a prefix as in an address literal (RFC 5321 section 4.1.3).
    private static IPAddress? ReadAddress(string value)
    {
        const string V6 = "IPV6:";
        return value.StartsWith(V6, StringComparison.OrdinalIgnoreCase)
            ? ProxyAddressText.ReadIp6(value.AsSpan(V6.Length))
            : ProxyAddressText.ReadIp4(value);
    }

    private static int? ReadPort(string value) => ProxyAddressText.ReadNumber(value, ushort.MaxValue);
}
