using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Pieces;

/// <summary>A content of an item that waits elsewhere.</summary>
internal sealed class KeptPieces(RedisConnection redis, RedisKey key, EnvelopeHead head)
    : PartwiseContent(PieceStore.PieceOctets, head.ContentId, head.ContentLength, head.ContentCrc, head.ContentTraits)
{
    /// <inheritdoc/>
    protected override async ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(long offset, int octets, CancellationToken cancellationToken)
    {
        long number = offset / PieceStore.PieceOctets;
        try
        {
            RedisValue bytes = await redis.Database.HashGetAsync(key, number, CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false);
            return bytes.IsNull ? throw new EndOfStreamException($"The piece {number} of the content {Id} is not there.") : (ReadOnlyMemory<byte>)bytes;
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw new IOException($"The content {Id} cannot be read: {trouble.Message}", trouble);
        }
    }
}
