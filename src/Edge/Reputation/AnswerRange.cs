using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.Edge.Reputation;

/// <summary>IPv4 addresses from one to another, both included. Immutable.</summary>
internal readonly record struct AnswerRange(uint From, uint To)
{
    /// <summary>What counts as an answer where nothing else is said: 127.0.0.0/8 (RFC 5782 section 2.3).</summary>
    public static AnswerRange Usual { get; } = new(0x7F000000, 0x7FFFFFFF);

    /// <summary>By what several lists tell that they do not answer this resolver, which is no listing: 127.255.255.0/24.</summary>
    public static AnswerRange Errors { get; } = new(0x7FFFFF00, 0x7FFFFFFF);

    /// <summary>Reads <c>127.0.0.2</c>, or <c>127.0.0.2..11</c>, whose end replaces the last number.</summary>
    public static bool TryParse(string text, out AnswerRange range)
    {
        range = default;
        int dots = text.IndexOf("..", StringComparison.Ordinal);
        if (!TryRead(dots < 0 ? text : text[..dots], out uint from))
            return false;
        uint to = from;
        if (dots >= 0)
        {
            if (!byte.TryParse(text.AsSpan(dots + 2), System.Globalization.NumberStyles.None, null, out byte last) || last < (byte)from)
                return false;
            to = (from & 0xFFFFFF00) | last;
        }

        range = new AnswerRange(from, to);
        return true;
    }

    /// <summary>True where the address is in the range.</summary>
    public bool Contains(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (address.AddressFamily != AddressFamily.InterNetwork || !address.TryWriteBytes(bytes, out _))
            return false;
        uint number = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return number >= From && number <= To;
    }

    private static bool TryRead(string text, out uint number)
    {
        number = 0;
        if (text.Count(c => c == '.') != 3 || !IPAddress.TryParse(text, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetwork)
            return false;
        number = BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
        return true;
    }
}
