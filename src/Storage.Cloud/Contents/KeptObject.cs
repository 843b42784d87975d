using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Contents;

/// <summary>A content of an item that waits elsewhere.</summary>
internal sealed class KeptObject(IObjectStore objects, string name, EnvelopeHead head)
    : PartwiseContent(CloudContent.PartOctets, head.ContentId, head.ContentLength, head.ContentCrc, head.ContentTraits)
{
    /// <inheritdoc/>
    protected override async ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(long offset, int octets, CancellationToken cancellationToken)
    {
        byte[] part = new byte[octets];
        try
        {
            int done = 0;
            while (done < part.Length)
            {
                int? read = await objects.ReadAsync(name, offset + done, part.AsMemory(done), cancellationToken).ConfigureAwait(false);
                if (read is null or 0)
                    throw new EndOfStreamException(read is null ? $"The content {name} is not there." : $"The content {name} ends before its time.");
                done += read.Value;
            }

            return part;
        }
        catch (StorageException trouble)
        {
            throw new IOException($"The content {name} cannot be read: {trouble.Message}", trouble);
        }
    }
}
