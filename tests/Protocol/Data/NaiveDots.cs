using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Tests.Data;

/// <summary>The rules of DATA, octet by octet and as plainly as they can be written: what the decoder is measured against.</summary>
internal static class NaiveDots
{
    /// <summary>Decodes a whole stream; <c>Used</c> tells where the end of the data lies, or -1 where it has not come.</summary>
    public static (byte[] Content, int Used) Decode(ReadOnlySpan<byte> stream)
    {
        var content = new List<byte>();
        bool atLineStart = true;
        for (int i = 0; i < stream.Length; i++)
        {
            if (atLineStart && stream[i] == '.')
            {
                ReadOnlySpan<byte> after = stream[(i + 1)..];
                if (after.StartsWith("\r\n"u8))
                    return ([.. content], i + 3);
                if (after.Length < 2 && "\r\n"u8.StartsWith(after))
                    break;
                atLineStart = false;
                continue;
            }

            content.Add(stream[i]);
            atLineStart = stream[i] == '\n' && i > 0 && stream[i - 1] == '\r';
        }

        return ([.. content], -1);
    }

    /// <summary>What there is to know of a content.</summary>
    public static ContentTraits Judge(ReadOnlySpan<byte> content)
    {
        ContentTraits traits = ContentTraits.None;
        if (content.ContainsAnyInRange((byte)0x80, (byte)0xFF))
            traits |= ContentTraits.EightBit;
        if (content.Contains((byte)0))
            traits |= ContentTraits.Nul;
        while (!content.IsEmpty)
        {
            int end = content.IndexOf("\r\n"u8);
            ReadOnlySpan<byte> line = end < 0 ? content : content[..end];
            if (end < 0)
                traits |= ContentTraits.NoFinalLineEnd;
            if (line.ContainsAny((byte)'\r', (byte)'\n'))
                traits |= ContentTraits.BareLineEnd;
            if (line.Length > 998)
                traits |= ContentTraits.LongLine;
            if (line.StartsWith("."u8))
                traits |= ContentTraits.LeadingDot;
            content = end < 0 ? default : content[(end + 2)..];
        }

        return traits;
    }
}
