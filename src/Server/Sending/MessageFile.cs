using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Server.Sending;

/// <summary>Reads a message from a file or from standard input.</summary>
internal static class MessageFile
{
    private const int BlockSize = 64 * 1024;

    /// <summary>The message with CRLF line ends, in memory, with one reference for the caller; empty input is refused.</summary>
    public static async Task<MessageContent> ReadAsync(Stream input, QueueId id, CancellationToken cancellationToken)
    {
        using var writer = new PooledContentWriter(id, int.MaxValue, null, static _ => throw new IOException("The message is too large for memory."));
        var converted = new ArrayBufferWriter<byte>(BlockSize * 2);
        var converter = new LineEndConverter(converted);
        byte[] block = new byte[BlockSize];
        int count;
        while ((count = await input.ReadAsync(block, cancellationToken)) > 0)
        {
            converter.Write(block.AsSpan(0, count));
            await writer.WriteAsync(converted.WrittenMemory, cancellationToken);
            converted.ResetWrittenCount();
        }

        converter.Complete();
        await writer.WriteAsync(converted.WrittenMemory, cancellationToken);
        if (writer.Length == 0)
            throw new UsageException("there is no message: the input is empty");
        return await writer.CompleteAsync(converter.Traits, cancellationToken);
    }
}
