using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>End points as Linux writes them: sockaddr_in, sockaddr_in6 and sockaddr_un.</summary>
internal static class NativeAddress
{
    /// <summary>Bytes that hold any of them: a path of 108 behind the family.</summary>
    public const int MaxLength = 128;

    public const int Unix = 1;
    public const int Ip4 = 2;
    public const int Ip6 = 10;

    private const int Ip4Length = 16;
    private const int Ip6Length = 28;

    /// <summary>The number of the end point's family.</summary>
    /// <exception cref="NotSupportedException">Neither an IP nor a Unix-domain end point.</exception>
    public static int GetFamily(EndPoint endPoint) => endPoint.AddressFamily switch
    {
        AddressFamily.InterNetwork => Ip4,
        AddressFamily.InterNetworkV6 => Ip6,
        AddressFamily.Unix => Unix,
        _ => throw new NotSupportedException("Only IP and Unix-domain end points have a transport."),
    };

    /// <summary>Writes an end point and returns its length.</summary>
    public static int Write(EndPoint endPoint, Span<byte> address)
    {
        // The framework's own serialized form is the system's.
        SocketAddress serialized = endPoint.Serialize();
        serialized.Buffer.Span[..serialized.Size].CopyTo(address);
        return serialized.Size;
    }

    /// <summary>Reads an end point; an unnamed Unix one is null.</summary>
    public static EndPoint? Read(ReadOnlySpan<byte> address)
    {
        if (address.Length < sizeof(ushort))
        {
            return null;
        }

        switch (MemoryMarshal.Read<ushort>(address))
        {
            case Ip4 when address.Length >= Ip4Length:
                return new IPEndPoint(new IPAddress(address.Slice(4, 4)), Port(address));
            case Ip6 when address.Length >= Ip6Length:
                var ip = new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..]));

                // A dual-mode socket shows IPv4 peers in their mapped form; access rules are written for the plain one.
                return new IPEndPoint(ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip, Port(address));
            case Unix:
                return ReadPath(address[sizeof(ushort)..]);
            default:
                return null;
        }
    }

    private static UnixDomainSocketEndPoint? ReadPath(ReadOnlySpan<byte> path)
    {
        if (path.Length > 1 && path[0] == 0)
        {
            return new UnixDomainSocketEndPoint("\0" + Encoding.UTF8.GetString(path[1..]));
        }

        int end = path.IndexOf((byte)0);
        path = end < 0 ? path : path[..end];
        return path.IsEmpty ? null : new UnixDomainSocketEndPoint(Encoding.UTF8.GetString(path));
    }

    private static int Port(ReadOnlySpan<byte> address) => BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
}
