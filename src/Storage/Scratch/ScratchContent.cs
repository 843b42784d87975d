using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Scratch;

/// <summary>A content in a file of no name, which is gone when the file is closed.</summary>
internal sealed class ScratchContent(QueueId id, long length, uint crc, ContentTraits traits, FileStream file) : MessageContent(id, length, crc, traits)
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
        int read = 0;
        while (read < wanted)
        {
            int more = await RandomAccess.ReadAsync(file.SafeFileHandle, buffer[read..wanted], offset + read, cancellationToken).ConfigureAwait(false);
            if (more == 0)
                throw new EndOfStreamException($"The content {Id} ends before its time.");
            read += more;
        }

        return read;
    }

    /// <inheritdoc/>
    protected override void Free() => file.Dispose();
}
