using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Proxy;

/// <summary>
/// Reads a whole header of version 2: addresses by family, then type-length-value entries (TLV), of which unknown ones are passed over.
/// Texts that hold control characters, which could forge a log line or a header field, count as not told.
/// </summary>
internal static class ProxyBlockReader
{
    private const int EntryHead = 3;
    private const int TlsHead = 5;
    private const int LongestText = 255;

    /// <summary>Reads a header with its fixed part; null where it is malformed or its checksum is wrong.</summary>
    public static ProxyHeader? Read(ReadOnlySpan<byte> whole)
    {
        var header = new ProxyHeader { Version = ProxyVersion.V2 };
        ReadOnlySpan<byte> rest = whole[ProxyFormat.FixedLength..];
        byte family = whole[ProxyFormat.FixedLength - 3];
        if (GetAddressLength(family) is not { } addresses || rest.Length < addresses)
            return null;
        if (whole[ProxyFormat.FixedLength - 4] == ProxyFormat.Proxy)
            header = ReadAddresses(header, family, rest);
        return ReadEntries(header, whole, ProxyFormat.FixedLength + addresses);
    }

    // Datagrams cannot be, but the format wants a receiver to take combinations that it does not know for "unspecified".
    private static int? GetAddressLength(byte family) => (family & 0x0F) > 2 ? null : (family >> 4) switch
    {
        0 => 0,
        1 => 12,
        2 => 36,
        3 => 2 * ProxyFormat.UnixPathLength,
        _ => null,
    };

    private static ProxyHeader ReadAddresses(ProxyHeader header, byte family, ReadOnlySpan<byte> octets) => family switch
    {
        ProxyFormat.Tcp4 => header with
        {
            Source = new IPEndPoint(new IPAddress(octets[..4]), BinaryPrimitives.ReadUInt16BigEndian(octets[8..])),
            Destination = new IPEndPoint(new IPAddress(octets[4..8]), BinaryPrimitives.ReadUInt16BigEndian(octets[10..])),
        },
        ProxyFormat.Tcp6 => header with
        {
            Source = new IPEndPoint(new IPAddress(octets[..16]), BinaryPrimitives.ReadUInt16BigEndian(octets[32..])),
            Destination = new IPEndPoint(new IPAddress(octets[16..32]), BinaryPrimitives.ReadUInt16BigEndian(octets[34..])),
        },
        ProxyFormat.UnixStream => header with
        {
            Source = ReadPath(octets[..ProxyFormat.UnixPathLength]),
            Destination = ReadPath(octets[ProxyFormat.UnixPathLength..(2 * ProxyFormat.UnixPathLength)]),
        },
        _ => header,
    };

    // A client's own socket mostly has no path. What is no plain path of ours to print is left as none.
    private static UnixDomainSocketEndPoint ReadPath(ReadOnlySpan<byte> octets)
    {
        int end = octets.IndexOf((byte)0);
        return new UnixDomainSocketEndPoint(end > 0 && ReadText(octets[..end]) is { } path ? path : "unnamed");
    }

    private static ProxyHeader? ReadEntries(ProxyHeader header, ReadOnlySpan<byte> whole, int at)
    {
        for (; at < whole.Length; at += EntryHead)
        {
            if (!TryReadEntry(whole[at..], out byte type, out ReadOnlySpan<byte> value))
                return null;
            switch (type)
            {
                case ProxyFormat.Authority:
                    header = header with { Authority = ReadText(value) };
                    break;
                case ProxyFormat.UniqueId when value.Length <= ProxyFormat.LongestUniqueId:
                    header = header with { UniqueId = value.ToArray() };
                    break;
                case ProxyFormat.UniqueId:
                case ProxyFormat.Checksum when header.HasChecksum || !IsRight(whole, at + EntryHead, value):
                    return null;
                case ProxyFormat.Checksum:
                    header = header with { HasChecksum = true };
                    break;
                case ProxyFormat.Tls:
                    if (!TryReadTls(value, out ProxyTls? tls))
                        return null;
                    header = header with { Tls = tls };
                    break;
                default:
                    break;
            }

            at += value.Length;
        }

        return header;
    }

    private static bool TryReadEntry(ReadOnlySpan<byte> octets, out byte type, out ReadOnlySpan<byte> value)
    {
        type = octets[0];
        value = default;
        if (octets.Length < EntryHead)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(octets[1..]);
        if (octets.Length - EntryHead < length)
            return false;
        value = octets.Slice(EntryHead, length);
        return true;
    }

    // Over the whole header, with zeros in the place of the checksum.
    private static bool IsRight(ReadOnlySpan<byte> whole, int at, ReadOnlySpan<byte> value)
    {
        if (value.Length != sizeof(uint))
            return false;
        uint crc = Crc32C.Append(Crc32C.Append(Crc32C.Compute(whole[..at]), [0, 0, 0, 0]), whole[(at + sizeof(uint))..]);
        return crc == BinaryPrimitives.ReadUInt32BigEndian(value);
    }

    // client (1 octet) verify (4 octets, 0 for "good") *TLV
    private static bool TryReadTls(ReadOnlySpan<byte> value, out ProxyTls? tls)
    {
        tls = null;
        if (value.Length < TlsHead)
            return false;
        byte client = value[0];
        bool hasCertificate = (client & (ProxyFormat.ClientCertificate | ProxyFormat.SessionCertificate)) != 0;
        var read = new ProxyTls { HasCertificate = hasCertificate, IsVerified = hasCertificate && BinaryPrimitives.ReadUInt32BigEndian(value[1..]) == 0 };
        for (ReadOnlySpan<byte> rest = value[TlsHead..]; !rest.IsEmpty;)
        {
            if (!TryReadEntry(rest, out byte type, out ReadOnlySpan<byte> part))
                return false;
            read = type switch
            {
                ProxyFormat.TlsVersion => read with { Version = ReadText(part) },
                ProxyFormat.TlsCommonName => read with { CommonName = ReadText(part) },
                ProxyFormat.TlsCipher => read with { Cipher = ReadText(part) },
                _ => read,
            };
            rest = rest[(EntryHead + part.Length)..];
        }

        if ((client & ProxyFormat.ClientTls) != 0)
            tls = read;
        return true;
    }

    private static string? ReadText(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty || octets.Length > LongestText || !Utf8.IsValid(octets))
            return null;
        string text = Encoding.UTF8.GetString(octets);
        foreach (char c in text)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                return null;
        }

        return text;
    }
}
