using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.RabbitMq.Messages;

/// <summary>The content of a message as it is written into the next one: its octets, or only what is known of it where they are kept elsewhere.</summary>
internal sealed class CarriedContent(ItemMessage message) : MessageContent(message.Head.ContentId, message.Head.ContentLength, message.Head.ContentCrc, message.Head.ContentTraits)
{
    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = new ReadOnlySequence<byte>(message.Content);
        return !message.IsReferenced;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = (int)Math.Clamp(message.Content.Length - offset, 0, buffer.Length);
        if (count > 0)
            message.Content.Slice((int)offset, count).CopyTo(buffer);
        return ValueTask.FromResult(count);
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        // The garbage collector's.
    }
}
