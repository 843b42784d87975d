namespace SlimtaFast.Mail;

/// <summary>A head as read back: everything of an item except the bytes of its content. Immutable.</summary>
/// <param name="Item">The item; its envelope's content is null until <see cref="WithContent"/>.</param>
/// <param name="ContentId">Which content it names.</param>
/// <param name="ContentLength">That content's octets.</param>
/// <param name="ContentCrc">That content's CRC-32C.</param>
/// <param name="ContentTraits">What was seen in that content.</param>
public sealed record EnvelopeHead(QueueItem Item, QueueId ContentId, long ContentLength, uint ContentCrc, ContentTraits ContentTraits)
{
    /// <summary>The item with its content, whose reference becomes the item holder's.</summary>
    public QueueItem WithContent(MessageContent content) => Item with { Envelope = Item.Envelope with { Content = content } };
}
