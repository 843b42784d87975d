using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Redis.Pieces;

/// <summary>A content of an item in the same server.</summary>
internal sealed class RedisContent : PartwiseContent
{
    private readonly PieceStore _pieces;

    /// <summary>Names a content that is there; from now on it stays until this is released.</summary>
    public RedisContent(PieceStore pieces, int place, QueueId id, long length, uint crc, ContentTraits traits)
        : base(PieceStore.PieceOctets, id, length, crc, traits)
    {
        _pieces = pieces;
        Place = place;
        pieces.Hold(id);
    }

    /// <summary>Where it is kept.</summary>
    public int Place { get; }

    /// <summary>True where it is one of that storage.</summary>
    public bool IsOf(PieceStore pieces) => ReferenceEquals(pieces, _pieces);

    /// <inheritdoc/>
    protected override ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(long offset, int octets, CancellationToken cancellationToken) =>
        _pieces.ReadAsync(Place, Id, (int)(offset / PieceStore.PieceOctets), cancellationToken);

    /// <inheritdoc/>
    protected override void Free()
    {
        base.Free();
        _pieces.LetGo(Place, Id);
    }
}
