using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Queue.RabbitMq.Consuming;

namespace SlimtaFast.Queue.RabbitMq.Messages;

/// <summary>
/// A content that can be read only while the broker knows that its message is ours. After a lost connection reading waits until the message is handed to us
/// again, or fails: so that nobody comes to the final dot of a message that another worker may have.
/// </summary>
internal sealed class DeliveredContent : MessageContent
{
    private readonly HeldDelivery _delivery;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly MessageContent? _stored;

    /// <summary>Stands for the content of a delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="stored">Its content from a store, whose reference this one takes over; null where it came with the message.</param>
    public DeliveredContent(HeldDelivery delivery, MessageContent? stored)
        : base(delivery.Message.Head.ContentId, delivery.Message.Head.ContentLength, delivery.Message.Head.ContentCrc, delivery.Message.Head.ContentTraits)
    {
        _delivery = delivery;
        _bytes = delivery.Message.Content;
        _stored = stored;
    }

    /// <inheritdoc/>
    public override long OctetsInMemory => _stored is null ? Length : _stored.OctetsInMemory;

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = new ReadOnlySequence<byte>(_bytes);
        return _stored is null && _delivery.IsOurs;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int read;
        if (_stored is not null)
        {
            read = await _stored.ReadAsync(offset, buffer, cancellationToken);
        }
        else
        {
            read = (int)Math.Clamp(_bytes.Length - offset, 0, buffer.Length);
            if (read > 0)
                _bytes.Slice((int)offset, read).CopyTo(buffer);
        }

        // Behind the read, which may have taken its time.
        return _delivery.IsOurs || await _delivery.WaitAsync(cancellationToken) ? read : throw new IOException("The message may be another worker's by now.");
    }

    /// <inheritdoc/>
    protected override void Free() => _stored?.Release();
}
