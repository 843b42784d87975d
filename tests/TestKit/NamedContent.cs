using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.TestKit;

/// <summary>A content of which only name and figures exist, for tests of heads. Reading it fails.</summary>
public sealed class NamedContent : MessageContent
{
    /// <summary>Makes a content that says this of itself.</summary>
    public NamedContent(QueueId id, long length, uint crc, ContentTraits traits)
        : base(id, length, crc, traits)
    {
    }

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        ValueTask.FromException<int>(new IOException("This content has no octets."));

    /// <inheritdoc/>
    protected override void Free()
    {
    }
}
