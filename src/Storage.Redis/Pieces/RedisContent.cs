using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Redis.Pieces;

/// <summary>A content of an item in the same server.</summary>
internal sealed class RedisContent : PiecewiseContent
{
    private readonly PieceStore _pieces;

    /// <summary>Names a content that is there; from now on it stays until this is released.</summary>
    public RedisContent(PieceStore pieces, int place, QueueId id, long length, uint crc, ContentTraits traits)
        : base(id, length, crc, traits)
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
    protected override ValueTask<ReadOnlyMemory<byte>> ReadPieceAsync(int number, CancellationToken cancellationToken) => _pieces.ReadAsync(Place, Id, number, cancellationToken);

    /// <inheritdoc/>
    protected override void Free()
    {
        base.Free();
        _pieces.LetGo(Place, Id);
    }
}
