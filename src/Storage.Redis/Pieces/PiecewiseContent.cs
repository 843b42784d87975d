using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Redis.Pieces;

/// <summary>A content in pieces in the server, of which one at a time is in memory.</summary>
internal abstract class PiecewiseContent : MessageContent
{
    private Piece? _last;

    /// <summary>Names a content that is there.</summary>
    protected PiecewiseContent(QueueId id, long length, uint crc, ContentTraits traits)
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
            Piece piece = await GetAsync((int)(at / PieceStore.PieceOctets), cancellationToken).ConfigureAwait(false);
            int from = (int)(at % PieceStore.PieceOctets);
            int count = Math.Min(wanted - done, piece.Bytes.Length - from);
            if (count <= 0)
                throw new EndOfStreamException($"The content {Id} ends before its time.");
            piece.Bytes.Span.Slice(from, count).CopyTo(buffer.Span[done..]);
            done += count;
        }

        return done;
    }

    /// <summary>Reads a piece.</summary>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    protected abstract ValueTask<ReadOnlyMemory<byte>> ReadPieceAsync(int number, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override void Free() => _last = null;

    private async ValueTask<Piece> GetAsync(int number, CancellationToken cancellationToken)
    {
        Piece? last = _last;
        if (last is not null && last.Number == number)
            return last;
        ReadOnlyMemory<byte> bytes = await ReadPieceAsync(number, cancellationToken).ConfigureAwait(false);
        return _last = new Piece(number, bytes);
    }

    private sealed record Piece(int Number, ReadOnlyMemory<byte> Bytes);
}
