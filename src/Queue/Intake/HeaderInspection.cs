using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Intake;

/// <summary>Finds out what the queue must know of a message's header section, from its first octets only.</summary>
internal static class HeaderInspection
{
    // A header section longer than this is not searched to its end: a message that needs more to loop is caught a few hops later.
    private const int MostSearched = 64 * 1024;

    /// <summary>Inspects a content; at once where it is in memory.</summary>
    public static ValueTask<HeaderFacts> InspectAsync(MessageContent content, CancellationToken cancellationToken)
    {
        if (!content.TryGetMemory(out ReadOnlySequence<byte> bytes))
            return ReadAndInspectAsync(content, cancellationToken);
        return ValueTask.FromResult(Inspect(bytes));
    }

    private static async ValueTask<HeaderFacts> ReadAndInspectAsync(MessageContent content, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MostSearched);
        try
        {
            int read = await content.ReadAsync(0, buffer.AsMemory(0, MostSearched), cancellationToken);
            return Inspect(new ReadOnlySequence<byte>(buffer, 0, read));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static HeaderFacts Inspect(ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length > MostSearched)
            bytes = bytes.Slice(0, MostSearched);
        if (bytes.IsSingleSegment)
            return Inspect(bytes.FirstSpan);
        byte[] joined = ArrayPool<byte>.Shared.Rent((int)bytes.Length);
        bytes.CopyTo(joined);
        HeaderFacts facts = Inspect(joined.AsSpan(0, (int)bytes.Length));
        ArrayPool<byte>.Shared.Return(joined);
        return facts;
    }

    private static HeaderFacts Inspect(ReadOnlySpan<byte> bytes)
    {
        bool date = false, messageId = false;
        int received = 0;
        while (!bytes.IsEmpty && !bytes.StartsWith("\r\n"u8))
        {
            if (StartsField(bytes, "Received"u8))
                received++;
            else if (StartsField(bytes, "Date"u8))
                date = true;
            else if (StartsField(bytes, "Message-ID"u8))
                messageId = true;
            int end = bytes.IndexOf((byte)'\n');
            if (end < 0)
                break;
            bytes = bytes[(end + 1)..];
        }

        return new HeaderFacts(date, messageId, received);
    }

    // RFC 5322 section 4.5 lets white space stand before the colon.
    private static bool StartsField(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length
        && (line[0] | 0x20) == (name[0] | 0x20)
        && System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name)
        && line[name.Length..].TrimStart(" \t"u8).StartsWith(":"u8);
}
