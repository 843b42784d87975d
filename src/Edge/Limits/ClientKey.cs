using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.Edge.Limits;

/// <summary>Who counts as one client: the leading bits of an address. The default value is "no address". Immutable.</summary>
internal readonly record struct ClientKey
{
    private readonly UInt128 _bits;
    private readonly byte _length;

    private ClientKey(UInt128 bits, byte length)
    {
        _bits = bits;
        _length = length;
    }

    /// <summary>True where the client has no address, so that nothing can be counted for it.</summary>
    public bool IsNone => _length == 0;

    /// <summary>The client that an address belongs to.</summary>
    public static ClientKey Of(IPAddress? address, int ipv4Prefix, int ipv6Prefix)
    {
        if (address is null)
            return default;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        bool isV4 = address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6;
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            // IPv4 addresses stand where a dual-stack socket shows them: ::ffff:a.b.c.d.
            bytes[10] = bytes[11] = 0xFF;
            address.TryWriteBytes(bytes[12..], out _);
        }
        else
        {
            address.TryWriteBytes(bytes, out _);
        }

        int length = isV4 ? 96 + ipv4Prefix : ipv6Prefix;
        UInt128 bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return new ClientKey(bits >> (128 - length) << (128 - length), (byte)length);
    }
}
