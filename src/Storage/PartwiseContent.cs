using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage;

/// <summary>
/// A content on a medium that gives it out in parts of one size, of which the last one read is in memory. Reading is thread-safe; readers at several places at
/// once read parts again.
/// </summary>
public abstract class PartwiseContent : MessageContent
{
    private readonly int _partOctets;
    private Part? _last;

    /// <summary>Names a content that is there.</summary>
    /// <param name="partOctets">Octets of each part but the last.</param>
    /// <param name="id">The content's name.</param>
    /// <param name="length">Octets in all.</param>
    /// <param name="crc">CRC-32C of all octets.</param>
    /// <param name="traits">What was seen in the octets.</param>
    protected PartwiseContent(int partOctets, QueueId id, long length, uint crc, ContentTraits traits)
        : base(id, length, crc, traits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partOctets, 1);
        _partOctets = partOctets;
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
            Part part = await GetAsync(at / _partOctets, cancellationToken).ConfigureAwait(false);
            int from = (int)(at % _partOctets);
            int count = Math.Min(wanted - done, part.Bytes.Length - from);
            if (count <= 0)
                throw new EndOfStreamException($"The content {Id} ends before its time.");
            part.Bytes.Span.Slice(from, count).CopyTo(buffer.Span[done..]);
            done += count;
        }

        return done;
    }

    /// <summary>Reads a whole part.</summary>
    /// <param name="offset">Where in the content it begins.</param>
    /// <param name="octets">How long it is.</param>
    /// <param name="cancellationToken">Gives up reading.</param>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    protected abstract ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(long offset, int octets, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override void Free() => _last = null;

    private async ValueTask<Part> GetAsync(long number, CancellationToken cancellationToken)
    {
        Part? last = _last;
        if (last is not null && last.Number == number)
            return last;
        long offset = number * _partOctets;
        ReadOnlyMemory<byte> bytes = await ReadPartAsync(offset, (int)Math.Min(_partOctets, Length - offset), cancellationToken).ConfigureAwait(false);
        return _last = new Part(number, bytes);
    }

    private sealed record Part(long Number, ReadOnlyMemory<byte> Bytes);
}
