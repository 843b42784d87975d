using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Contents;

/// <summary>A content of which a part at a time is in memory.</summary>
internal abstract class PartwiseContent : MessageContent
{
    private const int PartOctets = 256 * 1024;

    private Part? _last;

    /// <summary>Names a content that is there.</summary>
    protected PartwiseContent(QueueId id, long length, uint crc, ContentTraits traits)
        : base(id, length, crc, traits)
    {
    }

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        int done = 0;
        while (done < wanted)
        {
            long at = offset + done;
            Part part = await GetAsync(at / PartOctets, cancellationToken).ConfigureAwait(false);
            int from = (int)(at % PartOctets);
            int count = Math.Min(wanted - done, part.Bytes.Length - from);
            part.Bytes.AsSpan(from, count).CopyTo(buffer.Span[done..]);
            done += count;
        }

        return done;
    }

    /// <summary>Reads a whole part.</summary>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    protected abstract ValueTask FillAsync(long offset, Memory<byte> part, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override void Free() => _last = null;

    private async ValueTask<Part> GetAsync(long number, CancellationToken cancellationToken)
    {
        Part? last = _last;
        if (last is not null && last.Number == number)
            return last;
        byte[] bytes = new byte[Math.Min(PartOctets, Length - (number * PartOctets))];
        await FillAsync(number * PartOctets, bytes, cancellationToken).ConfigureAwait(false);
        return _last = new Part(number, bytes);
    }

    private sealed record Part(long Number, byte[] Bytes);
}
