using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Redis.Pieces;

/// <summary>A small content, as it came with its item.</summary>
internal sealed class InlineContent(QueueId id, uint crc, ContentTraits traits, ReadOnlyMemory<byte> bytes) : MessageContent(id, bytes.Length, crc, traits)
{
    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> sequence)
    {
        sequence = new ReadOnlySequence<byte>(bytes);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
        if (count > 0)
            bytes.Span.Slice((int)offset, count).CopyTo(buffer.Span);
        return ValueTask.FromResult(count);
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        // The garbage collector's.
    }
}
