using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SlimtaFast.MailAuth.Spf;

/// <summary>An address as a number, quick to compare. Immutable.</summary>
/// <param name="Value">The address; an IPv4 address in the lowest 32 bits.</param>
/// <param name="IsV4">True for an IPv4 address.</param>
internal readonly record struct ClientAddress(UInt128 Value, bool IsV4)
{
    private const int Bits4 = 32;
    private const int Bits6 = 128;

    /// <summary>The number of an address.</summary>
    public static ClientAddress Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? new ClientAddress(BinaryPrimitives.ReadUInt32BigEndian(bytes), true)
            : new ClientAddress(BinaryPrimitives.ReadUInt128BigEndian(bytes), false);
    }

    /// <summary>True where both are of one family and begin with the same bits.</summary>
    public bool IsWithin(ClientAddress network, int prefix)
    {
        if (IsV4 != network.IsV4)
            return false;
        int rest = (IsV4 ? Bits4 : Bits6) - prefix;
        return rest >= Bits6 || (Value ^ network.Value) >> rest == 0;
    }

    /// <summary>The macro <c>i</c>: the dotted quad, or the 32 nibbles with dots between them (RFC 7208 section 7.3).</summary>
    public string ToDotted()
    {
        var text = new StringBuilder(63);
        for (int shift = IsV4 ? 24 : 124; shift >= 0; shift -= IsV4 ? 8 : 4)
        {
            if (text.Length > 0)
                text.Append('.');
            if (IsV4)
                text.Append((byte)(Value >> shift));
            else
                text.Append(CultureInfo.InvariantCulture, $"{(int)(Value >> shift) & 15:X}");
        }

        return text.ToString();
    }
}
