using System.Buffers;
using System.Buffers.Binary;

namespace SlimtaFast.Protocol.Proxy;

/// <summary>
/// Reads a header of the PROXY protocol, whichever version stands there. Pure: the same octets give the same answer however they are cut,
/// and nothing throws.
/// </summary>
internal static class ProxyHeaderParser
{
    /// <summary>True where octets start as version 1 does.</summary>
    public static bool StartsVersion1(ReadOnlySpan<byte> octets) => octets.StartsWith(ProxyFormat.Word);

    /// <summary>True where octets start as version 2 does.</summary>
    public static bool StartsVersion2(ReadOnlySpan<byte> octets) => octets.StartsWith(ProxyFormat.Signature);

    /// <summary>
    /// Reads the header at the start of the input. Its length in octets is 0 unless it is whole. Malformed input is told as soon as it is
    /// certain, so that nobody waits for what cannot come.
    /// </summary>
    public static ProxyParseStatus Parse(ReadOnlySequence<byte> input, out ProxyHeader? header, out int length)
    {
        header = null;
        length = 0;
        Span<byte> start = stackalloc byte[ProxyFormat.LongestLine];
        start = start[..(int)Math.Min(input.Length, start.Length)];
        input.Slice(0, start.Length).CopyTo(start);
        if (IsStart(start, ProxyFormat.Word))
            return start.Length < ProxyFormat.Word.Length ? ProxyParseStatus.NeedMore : ParseVersion1(start, out header, out length);
        if (IsStart(start, ProxyFormat.Signature))
            return ParseVersion2(start, input, out header, out length);
        return ProxyParseStatus.NotProxy;
    }

    // True where one of them starts with the other.
    private static bool IsStart(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> mark)
    {
        int common = Math.Min(octets.Length, mark.Length);
        return octets[..common].SequenceEqual(mark[..common]);
    }

    private static ProxyParseStatus ParseVersion1(ReadOnlySpan<byte> start, out ProxyHeader? header, out int length)
    {
        header = null;
        length = 0;
        int lineFeed = start.IndexOf((byte)'\n');
        if (lineFeed < 0)
            return start.Length < ProxyFormat.LongestLine ? ProxyParseStatus.NeedMore : ProxyParseStatus.Malformed;
        if (start[lineFeed - 1] != (byte)'\r')
            return ProxyParseStatus.Malformed;
        header = ProxyLineReader.Read(start[ProxyFormat.Word.Length..(lineFeed - 1)]);
        if (header is null)
            return ProxyParseStatus.Malformed;
        length = lineFeed + 1;
        return ProxyParseStatus.Done;
    }

    private static ProxyParseStatus ParseVersion2(ReadOnlySpan<byte> start, ReadOnlySequence<byte> input, out ProxyHeader? header, out int length)
    {
        header = null;
        length = 0;
        int signature = ProxyFormat.Signature.Length;
        if (start.Length > signature && start[signature] is not (ProxyFormat.Local or ProxyFormat.Proxy))
            return ProxyParseStatus.Malformed;
        if (start.Length < ProxyFormat.FixedLength)
            return ProxyParseStatus.NeedMore;
        int rest = BinaryPrimitives.ReadUInt16BigEndian(start[(ProxyFormat.FixedLength - 2)..]);
        if (rest > ProxyFormat.LongestRest)
            return ProxyParseStatus.Malformed;
        int whole = ProxyFormat.FixedLength + rest;
        if (input.Length < whole)
            return ProxyParseStatus.NeedMore;
        ReadOnlySequence<byte> octets = input.Slice(0, whole);
        header = ProxyBlockReader.Read(octets.IsSingleSegment ? octets.FirstSpan : octets.ToArray());
        if (header is null)
            return ProxyParseStatus.Malformed;
        length = whole;
        return ProxyParseStatus.Done;
    }
}
