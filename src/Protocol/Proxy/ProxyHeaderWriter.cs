using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Proxy;

/// <summary>Writes headers of the PROXY protocol. Once for each connection, so that it may allocate.</summary>
internal static class ProxyHeaderWriter
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes the line of version 1.</summary>
    public static void WriteVersion1(IBufferWriter<byte> output, ProxyHeader header)
    {
        string line = header is { Source: IPEndPoint source, Destination: IPEndPoint destination } && source.AddressFamily == destination.AddressFamily
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"PROXY {(source.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6")} {Text(source)} {Text(destination)} {source.Port} {destination.Port}\r\n")
            : "PROXY UNKNOWN\r\n";
        output.Write(Encoding.ASCII.GetBytes(line));
    }

    /// <summary>Writes the block of version 2.</summary>
    public static void WriteVersion2(IBufferWriter<byte> output, ProxyHeader header)
    {
        var block = new ArrayBufferWriter<byte>(256);
        block.Write(ProxyFormat.Signature);
        WriteAddresses(block, header);
        if (header.Authority is not null)
            WriteEntry(block, ProxyFormat.Authority, Utf8.GetBytes(header.Authority));
        if (!header.UniqueId.IsEmpty)
            WriteEntry(block, ProxyFormat.UniqueId, header.UniqueId.Span);
        if (header.Tls is { } tls)
            WriteEntry(block, ProxyFormat.Tls, MakeTls(tls));
        if (header.HasChecksum)
            WriteEntry(block, ProxyFormat.Checksum, [0, 0, 0, 0]);
        byte[] octets = block.WrittenSpan.ToArray();
        if (octets.Length - ProxyFormat.FixedLength > ProxyFormat.LongestRest)
            throw new InvalidOperationException("A PROXY header is longer than receivers take.");
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(ProxyFormat.FixedLength - 2), (ushort)(octets.Length - ProxyFormat.FixedLength));
        if (header.HasChecksum)
            BinaryPrimitives.WriteUInt32BigEndian(octets.AsSpan(octets.Length - sizeof(uint)), Crc32C.Compute(octets));
        output.Write(octets);
    }

    private static string Text(IPEndPoint endPoint) => new IPAddress(endPoint.Address.GetAddressBytes()).ToString();

    private static void WriteAddresses(ArrayBufferWriter<byte> block, ProxyHeader header)
    {
        switch (header)
        {
            case { Source: IPEndPoint source, Destination: IPEndPoint destination } when source.AddressFamily == destination.AddressFamily:
                Put(block, ProxyFormat.Proxy, source.AddressFamily == AddressFamily.InterNetwork ? ProxyFormat.Tcp4 : ProxyFormat.Tcp6, 0, 0);
                block.Write(source.Address.GetAddressBytes());
                block.Write(destination.Address.GetAddressBytes());
                WriteNumber(block, source.Port);
                WriteNumber(block, destination.Port);
                break;
            case { Source: UnixDomainSocketEndPoint source, Destination: UnixDomainSocketEndPoint destination }:
                Put(block, ProxyFormat.Proxy, ProxyFormat.UnixStream, 0, 0);
                WritePath(block, source);
                WritePath(block, destination);
                break;
            default:
                Put(block, ProxyFormat.Local, 0, 0, 0);
                break;
        }
    }

    private static void WritePath(ArrayBufferWriter<byte> block, UnixDomainSocketEndPoint endPoint)
    {
        Span<byte> path = stackalloc byte[ProxyFormat.UnixPathLength];
        path.Clear();
        // The system allows no longer path; one without a name is all zeros.
        Utf8.TryGetBytes(endPoint.ToString(), path[..^1], out _);
        block.Write(path);
    }

    private static byte[] MakeTls(ProxyTls tls)
    {
        var value = new ArrayBufferWriter<byte>(64);
        byte client = (byte)(ProxyFormat.ClientTls | (tls.HasCertificate ? ProxyFormat.ClientCertificate | ProxyFormat.SessionCertificate : 0));
        Put(value, client, 0, 0, 0, (byte)(tls.IsVerified ? 0 : 1));
        if (tls.Version is not null)
            WriteEntry(value, ProxyFormat.TlsVersion, Utf8.GetBytes(tls.Version));
        if (tls.CommonName is not null)
            WriteEntry(value, ProxyFormat.TlsCommonName, Utf8.GetBytes(tls.CommonName));
        if (tls.Cipher is not null)
            WriteEntry(value, ProxyFormat.TlsCipher, Utf8.GetBytes(tls.Cipher));
        return value.WrittenSpan.ToArray();
    }

    private static void WriteEntry(ArrayBufferWriter<byte> block, byte type, ReadOnlySpan<byte> value)
    {
        Put(block, type);
        WriteNumber(block, value.Length);
        block.Write(value);
    }

    private static void Put(ArrayBufferWriter<byte> block, params ReadOnlySpan<byte> octets) => block.Write(octets);

    private static void WriteNumber(ArrayBufferWriter<byte> block, int number)
    {
        Span<byte> octets = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)number);
        block.Write(octets);
    }
}
