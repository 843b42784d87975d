using System.Buffers.Binary;
using System.Text;

namespace SlimtaFast.EndToEnd.Tests.Observability;

/// <summary>A message of protocol buffers, read by field numbers: just enough for what a small receiver of OTLP has to understand.</summary>
internal readonly struct ProtocolBuffer
{
    private readonly ReadOnlyMemory<byte> _octets;

    public ProtocolBuffer(ReadOnlyMemory<byte> octets) => _octets = octets;

    /// <summary>The octets of a field's values, in their order: the contents of texts and messages, the 8 octets of fixed numbers.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> All(int field)
    {
        int at = 0;
        while (at < _octets.Length)
        {
            ulong key = ReadNumber(ref at);
            int start = at;
            int length = (int)(key & 7) switch
            {
                0 => SkipNumber(ref at) - start,
                1 => 8,
                5 => 4,
                2 => (int)ReadNumber(ref at),
                int kind => throw new InvalidDataException($"Wire type {kind}."),
            };
            if ((key & 7) == 2)
                start = at;
            at = start + length;
            if ((int)(key >> 3) == field)
                yield return _octets.Slice(start, length);
        }
    }

    /// <summary>A field's messages.</summary>
    public IEnumerable<ProtocolBuffer> Messages(int field) => All(field).Select(static octets => new ProtocolBuffer(octets));

    /// <summary>A field's text; empty where it is not there.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(All(field).FirstOrDefault().Span);

    /// <summary>A field's octets in hex digits; empty where it is not there.</summary>
    public string Hex(int field) => Convert.ToHexStringLower(All(field).FirstOrDefault().Span);

    /// <summary>A field's fixed number of 64 bits; 0 where it is not there.</summary>
    public long Fixed(int field) => All(field).FirstOrDefault() is { Length: 8 } octets ? BinaryPrimitives.ReadInt64LittleEndian(octets.Span) : 0;

    private ulong ReadNumber(ref int at)
    {
        ulong number = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte octet = _octets.Span[at++];
            number |= (ulong)(octet & 127) << shift;
            if (octet < 128)
                return number;
        }
    }

    private int SkipNumber(ref int at)
    {
        ReadNumber(ref at);
        return at;
    }
}
