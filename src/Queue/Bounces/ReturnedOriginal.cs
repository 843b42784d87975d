using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Bounces;

/// <summary>What a report returns of the message: all of it or its header section, added fields included. Immutable.</summary>
/// <param name="Bytes">The octets, as they were.</param>
/// <param name="IsFull">True for the whole message.</param>
internal sealed record ReturnedOriginal(byte[] Bytes, bool IsFull)
{
    // Header sections longer than this are cut behind a field.
    private const int LongestHeader = HeaderScanner.DefaultLimit;

    // What cannot be a body part without an encoding, which message parts must not have (RFC 2046 section 5.2.1).
    private const ContentTraits Unfit = ContentTraits.Nul | ContentTraits.BareLineEnd | ContentTraits.LongLine;

    /// <summary>Reads it; fails as reading the content does.</summary>
    /// <param name="envelope">The message.</param>
    /// <param name="full">Whether the whole message is wanted; one that is not lines of text gives its header section only.</param>
    public static async ValueTask<ReturnedOriginal> ReadAsync(Envelope envelope, bool full)
    {
        full &= (envelope.Content.Traits & Unfit) == 0;
        long wanted = full ? envelope.Content.Length : Math.Min(envelope.Content.Length, LongestHeader);
        byte[] bytes = new byte[envelope.AddedHeaders.Length + (int)wanted];
        envelope.AddedHeaders.CopyTo(bytes);
        int length = envelope.AddedHeaders.Length;
        long offset = 0;
        while (length < bytes.Length)
        {
            int read = await envelope.Content.ReadAsync(offset, bytes.AsMemory(length), CancellationToken.None);
            if (read == 0)
                break;
            length += read;
            offset += read;
        }

        return new ReturnedOriginal(full ? bytes[..length] : CutHeader(bytes.AsSpan(0, length)), full);
    }

    // Whole fields only; control characters that are no line ends would make a text part unfit for most servers.
    private static byte[] CutHeader(ReadOnlySpan<byte> bytes)
    {
        byte[] header = bytes[..HeaderFacts.Scan(bytes).SectionLength].ToArray();
        for (int i = 0; i < header.Length; i++)
        {
            bool lineEnd = (header[i] == '\r' && i + 1 < header.Length && header[i + 1] == '\n') || (header[i] == '\n' && i > 0 && header[i - 1] == '\r');
            if (!lineEnd && (header[i] is 0 or (byte)'\r' or (byte)'\n'))
                header[i] = (byte)'?';
        }

        return header;
    }
}
