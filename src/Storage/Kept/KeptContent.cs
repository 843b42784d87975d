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
    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        return wanted == 0 ? ValueTask.FromResult(0) : new ValueTask<int>(Task.Run(() => file.Read(offset, buffer.Span[..wanted]), cancellationToken));
    }

    /// <inheritdoc/>
    protected override void Free() => file.Dispose();
}
