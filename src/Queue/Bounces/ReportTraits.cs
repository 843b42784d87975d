using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Bounces;

/// <summary>Finds the traits of a message made here.</summary>
internal static class ReportTraits
{
    private const int LongestLine = 998;

    /// <summary>The traits of these octets.</summary>
    public static ContentTraits Of(ReadOnlySpan<byte> bytes)
    {
        var traits = ContentTraits.None;
        if (!System.Text.Ascii.IsValid(bytes))
            traits |= ContentTraits.EightBit;
        if (bytes.Contains((byte)0))
            traits |= ContentTraits.Nul;
        if (!bytes.EndsWith("\r\n"u8))
            traits |= ContentTraits.NoFinalLineEnd;
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf("\r\n"u8);
            ReadOnlySpan<byte> line = end < 0 ? bytes : bytes[..end];
            if (line.StartsWith("."u8))
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
