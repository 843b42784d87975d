using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Http;

/// <summary>
/// A message as the body of a request: streamed from the envelope, never held in memory. Tells how much of it left, because that decides
/// what a failure means. Serves one request at a time.
/// </summary>
internal sealed class MessageBody : HttpContent
{
    private const int BlockSize = 64 * 1024;

    private readonly Envelope _envelope;

    /// <summary>Makes the body; the caller holds a reference to the content meanwhile.</summary>
    public MessageBody(Envelope envelope)
    {
        _envelope = envelope;
        Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
    }

    /// <summary>True once the last octets were about to be sent: from then on the server may have the whole message.</summary>
    public bool MayBeComplete { get; private set; }

    /// <summary>What reading the message failed with, or null.</summary>
    public Exception? SourceFailure { get; private set; }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            await using Stream source = _envelope.OpenStream();
            long left = _envelope.Length;
            MayBeComplete = left == 0;
            while (left > 0)
            {
                int read = await ReadAsync(source, block, cancellationToken);
                left -= read;
                MayBeComplete = left <= 0;
                await stream.WriteAsync(block.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _envelope.Length;
        return true;
    }

    private async ValueTask<int> ReadAsync(Stream source, byte[] block, CancellationToken cancellationToken)
    {
        try
        {
            int read = await source.ReadAsync(block, cancellationToken);
            return read > 0 ? read : throw new EndOfStreamException("The message is shorter than it said.");
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            SourceFailure = failure;
            throw;
        }
    }
}
