using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Conversion;

/// <summary>Finds the traits of a finished content in memory, as a decoder would have on the way in.</summary>
internal static class ContentTraitsReader
{
    private const int LongestLine = 998;

    /// <summary>What is to be known of the octets.</summary>
    public static ContentTraits Read(ReadOnlySpan<byte> bytes)
    {
        var traits = ContentTraits.None;
        if (bytes.ContainsAnyInRange((byte)0x80, (byte)0xFF))
            traits |= ContentTraits.EightBit;
        if (bytes.Contains((byte)0))
            traits |= ContentTraits.Nul;
        if (!bytes.EndsWith("\r\n"u8))
            traits |= ContentTraits.NoFinalLineEnd;
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf("\r\n"u8);
            ReadOnlySpan<byte> line = end < 0 ? bytes : bytes[..end];
            if (line.StartsWith((byte)'.'))
                traits |= ContentTraits.LeadingDot;
            if (line.Length > LongestLine)
                traits |= ContentTraits.LongLine;
            if (line.IndexOfAny((byte)'\r', (byte)'\n') >= 0)
                traits |= ContentTraits.BareLineEnd;
            bytes = end < 0 ? default : bytes[(end + 2)..];
        }

        return traits;
    }
}
