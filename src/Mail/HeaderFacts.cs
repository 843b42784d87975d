using System.Buffers;

namespace SlimtaFast.Mail;

/// <summary>What the queue has to know of a message's header section. Immutable.</summary>
public readonly record struct HeaderFacts
{
    private const int MostReceived = 1000;

    /// <summary>True where there is a Date field.</summary>
    public bool HasDate { get; private init; }

    /// <summary>True where there is a Message-ID field.</summary>
    public bool HasMessageId { get; private init; }

    /// <summary>Received fields; counting stops at 1,000.</summary>
    public int ReceivedCount { get; private init; }

    /// <summary>Octets of the header section without the blank line.</summary>
    public int SectionLength { get; private init; }

    /// <summary>Where the body starts, in octets from the start of the message.</summary>
    public int BodyStart { get; private init; }

    /// <summary>What ended the section.</summary>
    public HeaderEnd End { get; private init; }

    /// <summary>Looks through the header section of a message, or of as much of its beginning as there is.</summary>
    public static HeaderFacts Scan(ReadOnlySpan<byte> message, int limit = HeaderScanner.DefaultLimit) => Collect(new HeaderScanner(message, limit));

    /// <summary>Looks through the header section of a message, or of as much of its beginning as there is.</summary>
    public static HeaderFacts Scan(in ReadOnlySequence<byte> message, int limit = HeaderScanner.DefaultLimit) => Collect(new HeaderScanner(message, limit));

    /// <summary>
    /// Looks through the header section of a content: at once and without a copy where it is in memory, else after reading its first
    /// <paramref name="limit"/> octets. The caller holds a reference to it. Fails with <see cref="IOException"/> where the medium does.
    /// </summary>
    public static ValueTask<HeaderFacts> ScanAsync(MessageContent content, CancellationToken cancellationToken, int limit = HeaderScanner.DefaultLimit)
    {
        ArgumentNullException.ThrowIfNull(content);
        return content.TryGetMemory(out ReadOnlySequence<byte> bytes)
            ? ValueTask.FromResult(Scan(bytes, limit))
            : ReadAndScanAsync(content, limit, cancellationToken);
    }

    private static async ValueTask<HeaderFacts> ReadAndScanAsync(MessageContent content, int limit, CancellationToken cancellationToken)
    {
        // One octet more than the limit, so that the scanner can tell the limit from the end of the message.
        int wanted = (int)Math.Min(content.Length, (long)limit + 1);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(wanted);
        try
        {
            int read = await content.FillAsync(buffer.AsMemory(0, wanted), cancellationToken);
            return Scan(buffer.AsSpan(0, read), limit);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static HeaderFacts Collect(HeaderScanner scanner)
    {
        bool date = false, messageId = false;
        int received = 0;
        while (scanner.MoveNext())
        {
            switch (scanner.Current.NameLength)
            {
                case 4:
                    date = date || scanner.CurrentIs("Date"u8);
                    break;
                case 8 when received < MostReceived && scanner.CurrentIs("Received"u8):
                    received++;
                    break;
                case 10:
                    messageId = messageId || scanner.CurrentIs("Message-ID"u8);
                    break;
            }
        }

        return new HeaderFacts
        {
            HasDate = date,
            HasMessageId = messageId,
            ReceivedCount = received,
            SectionLength = scanner.SectionLength,
            BodyStart = scanner.BodyStart,
            End = scanner.End,
        };
    }
}
