using RabbitMQ.Client;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.RabbitMq.Messages;

/// <summary>An item as the broker has it: its head and, where it is not too large, its content behind that. Immutable.</summary>
/// <param name="Body">The octets of the message.</param>
/// <param name="Head">The head that they begin with.</param>
/// <param name="Content">The content behind it; empty where the head only names it.</param>
/// <param name="NotBefore">Until when it has to wait; <see cref="DateTimeOffset.MinValue"/> for not at all.</param>
/// <param name="Delay">How long it has to wait from when that was decided.</param>
/// <param name="Deliveries">How often the broker handed it out before.</param>
internal sealed record ItemMessage(ReadOnlyMemory<byte> Body, EnvelopeHead Head, ReadOnlyMemory<byte> Content, DateTimeOffset NotBefore, TimeSpan Delay, int Deliveries)
{
    /// <summary>The type of messages that are items, in their properties.</summary>
    public const string TypeName = "slimtafast.item";

    private const string DueHeader = "due", DelayHeader = "delay", DeliveriesHeader = "x-delivery-count";

    /// <summary>The item's name.</summary>
    public QueueId Id => Head.Item.Envelope.Id;

    /// <summary>True where the content is kept elsewhere.</summary>
    public bool IsReferenced => Content.Length != Head.ContentLength;

    /// <summary>The properties of a message.</summary>
    /// <param name="id">The item.</param>
    /// <param name="notBefore">Until when it has to wait; null for not at all.</param>
    /// <param name="delay">How long that is from now.</param>
    public static BasicProperties MakeProperties(QueueId id, DateTimeOffset? notBefore, TimeSpan delay)
    {
        var properties = new BasicProperties { Type = TypeName, MessageId = id.ToString() };
        if (notBefore is { } due)
            properties.Headers = new Dictionary<string, object?> { [DueHeader] = due.ToUnixTimeMilliseconds(), [DelayHeader] = (long)delay.TotalMilliseconds };
        return properties;
    }

    /// <summary>Writes an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="inline">Whether its content goes along.</param>
    /// <param name="cancellationToken">Gives up reading the content.</param>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> WriteAsync(QueueItem item, bool inline, CancellationToken cancellationToken)
    {
        MessageContent content = item.Envelope.Content;
        int length = inline ? checked((int)content.Length) : 0;
        var output = new System.Buffers.ArrayBufferWriter<byte>(checked((int)EnvelopeSerializer.GetHeadBound(item) + length));
        EnvelopeSerializer.WriteHead(output, item);
        if (length == 0)
            return output.WrittenMemory;
        Memory<byte> room = output.GetMemory(length)[..length];
        if (await content.FillAsync(room, cancellationToken).ConfigureAwait(false) < length)
            throw new EndOfStreamException($"The content {content.Id} ends before its time.");
        output.Advance(length);
        return output.WrittenMemory;
    }

    /// <summary>Reads a message; null where it is none of ours, with what is wrong with it.</summary>
    public static ItemMessage? TryRead(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, out string problem)
    {
        problem = "";
        if (!EnvelopeSerializer.TryGetBlockLength(body.Span, out int length) || length > body.Length || !EnvelopeSerializer.TryReadHead(body.Span[..length], out EnvelopeHead? head))
        {
            problem = "the message cannot be read: it does not begin with the head of an item that this version knows";
            return null;
        }

        ReadOnlyMemory<byte> content = body[length..];
        bool isInline = content.Length == head!.ContentLength;
        if (isInline ? Crc32C.Compute(content.Span) != head.ContentCrc : content.Length > 0)
        {
            problem = $"the message cannot be read: its content has {content.Length} octets that are not the {head.ContentLength} of its head";
            return null;
        }

        if (head.Item.State.IsClosed || head.Item.Envelope.Recipients.Count == 0)
        {
            problem = "the message has no recipient that is open";
            return null;
        }

        long? due = ReadNumber(properties, DueHeader);
        return new ItemMessage(
            body,
            head,
            content,
            due is null or < 0 or > 253_402_300_799_000 ? DateTimeOffset.MinValue : DateTimeOffset.FromUnixTimeMilliseconds(due.Value),
            TimeSpan.FromMilliseconds(Math.Clamp(ReadNumber(properties, DelayHeader) ?? 0, 0, (long)TimeSpan.FromDays(3650).TotalMilliseconds)),
            (int)Math.Clamp(ReadNumber(properties, DeliveriesHeader) ?? 0, 0, int.MaxValue));
    }

    private static long? ReadNumber(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers is { } headers && headers.TryGetValue(name, out object? value)
            ? value switch { long number => number, int number => number, short number => number, byte number => number, _ => null }
            : null;
}
