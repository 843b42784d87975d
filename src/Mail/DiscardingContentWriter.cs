using System.Buffers;

namespace SlimtaFast.Mail;

/// <summary>Counts a message's octets and keeps none of them: for servers that only discard.</summary>
public sealed class DiscardingContentWriter : ContentWriter
{
    private readonly QueueId _id;
    private long _length;

    /// <summary>Starts an empty content.</summary>
    public DiscardingContentWriter(QueueId id) => _id = id;

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _length += bytes.Length;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask<MessageContent> CompleteAsync(ContentTraits traits, CancellationToken cancellationToken) =>
        ValueTask.FromResult<MessageContent>(new DiscardedContent(_id, _length, traits));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    private sealed class DiscardedContent(QueueId id, long length, ContentTraits traits) : MessageContent(id, length, 0, traits)
    {
        public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
        {
            bytes = default;
            return false;
        }

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            ValueTask.FromException<int>(new IOException("The content was discarded."));

        protected override void Free()
        {
        }
    }
}
