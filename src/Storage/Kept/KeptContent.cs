using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Kept;

/// <summary>A content in a file of its own, which it closes with the last reference. The name may be removed meanwhile.</summary>
internal sealed class KeptContent(EnvelopeHead head, IStoreFile file) : MessageContent(head.ContentId, head.ContentLength, head.ContentCrc, head.ContentTraits)
{
    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        if (wanted == 0)
            return 0;
        int read = await Task.Run(() => file.Read(offset, buffer.Span[..wanted]), cancellationToken).ConfigureAwait(false);
        return read == wanted ? read : throw new EndOfStreamException($"The content {Id} ends before its time.");
    }

    /// <inheritdoc/>
    protected override void Free() => file.Dispose();
}
