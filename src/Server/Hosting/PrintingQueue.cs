using System.Buffers;
using System.Globalization;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Queue;

namespace SlimtaFast.Server.Hosting;

/// <summary>Prints every message and forgets it. Thread-safe: messages come out whole, one after the other.</summary>
internal sealed class PrintingQueue : IMailQueue
{
    private static readonly EnqueueResult Printed = new(new SmtpReply(250, "2.0.0", "Ok: printed"));

    private readonly Lock _lock = new();
    private readonly Stream _output;

    /// <summary>Prints to a stream, which stays the caller's.</summary>
    public PrintingQueue(Stream output) => _output = output;

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) =>
        new PooledContentWriter(id, int.MaxValue, null, static _ => throw new IOException("The message is too large to print."));

    /// <inheritdoc/>
    public ValueTask<EnqueueResult> EnqueueAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        CultureInfo plain = CultureInfo.InvariantCulture;
        head.AppendLine(plain, $"--- message of {envelope.Length} octets from {envelope.Client.Address} ({envelope.Client.HelloName}) by {envelope.Client.Protocol}");
        head.AppendLine(plain, $"MAIL FROM:<{envelope.ReversePath}>");
        foreach (Recipient recipient in envelope.Recipients)
            head.AppendLine(plain, $"RCPT TO:<{recipient.Address}>");
        head.AppendLine();
        lock (_lock)
        {
            _output.Write(Encoding.UTF8.GetBytes(head.ToString()));
            _output.Write(envelope.AddedHeaders.Span);
            if (envelope.Content.TryGetMemory(out ReadOnlySequence<byte> bytes))
            {
                foreach (ReadOnlyMemory<byte> part in bytes)
                    _output.Write(part.Span);
            }

            _output.Write("\n"u8);
            _output.Flush();
        }

        return ValueTask.FromResult(Printed);
    }
}
