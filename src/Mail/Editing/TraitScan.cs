namespace SlimtaFast.Mail.Editing;

/// <summary>Finds what there is to know of octets that did not come through a decoder.</summary>
internal static class TraitScan
{
    // RFC 5321 section 4.5.3.1.6, without the line end.
    private const int LongestLine = 998;

    /// <summary>
    /// The traits of new octets that take the place of those a content began with. What was seen in the replaced octets is still said of
    /// the whole, because nobody knows where it was seen; that costs a conversion at worst.
    /// </summary>
    /// <param name="start">The new octets: whole lines, but for the last where nothing follows.</param>
    /// <param name="original">The traits of the whole content before.</param>
    /// <param name="restLength">Octets that follow.</param>
    public static ContentTraits Combine(ReadOnlySpan<byte> start, ContentTraits original, long restLength)
    {
        ContentTraits traits = original | Scan(start);
        return restLength > 0 ? traits : (traits & ~ContentTraits.NoFinalLineEnd) | (start.EndsWith("\r\n"u8) ? ContentTraits.None : ContentTraits.NoFinalLineEnd);
    }

    private static ContentTraits Scan(ReadOnlySpan<byte> bytes)
    {
        ContentTraits traits = System.Text.Ascii.IsValid(bytes) ? ContentTraits.None : ContentTraits.EightBit;
        if (bytes.Contains((byte)0))
            traits |= ContentTraits.Nul;
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf("\r\n"u8);
            ReadOnlySpan<byte> line = end < 0 ? bytes : bytes[..end];
            if (line.Length > LongestLine)
                traits |= ContentTraits.LongLine;
            if (line.StartsWith((byte)'.'))
                traits |= ContentTraits.LeadingDot;
            if (line.ContainsAny((byte)'\r', (byte)'\n'))
                traits |= ContentTraits.BareLineEnd;
            bytes = end < 0 ? default : bytes[(end + 2)..];
        }

        return traits;
    }
}
