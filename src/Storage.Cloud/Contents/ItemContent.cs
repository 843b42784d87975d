using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Contents;

/// <summary>A small content, as it came with its item's object.</summary>
internal sealed class ItemContent(QueueId id, uint crc, ContentTraits traits, ReadOnlyMemory<byte> bytes) : MessageContent(id, bytes.Length, crc, traits)
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
        int from = (int)Math.Clamp(offset, 0, bytes.Length), count = Math.Min(bytes.Length - from, buffer.Length);
        bytes.Slice(from, count).CopyTo(buffer);
        return ValueTask.FromResult(count);
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        // The garbage collector's.
    }
}
