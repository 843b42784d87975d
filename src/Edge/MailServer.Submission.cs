using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge;

/// <summary>Mail that the embedding application itself writes.</summary>
public sealed partial class MailServer
{
    private const int BlockSize = 16 * 1024;

    /// <summary>
    /// Hands the application's own message to the queue, without SMTP: with a positive reply it is on stable storage (or, where nothing is stored,
    /// the next hop has it) and is retried and bounced like any other. The server must be started.
    /// </summary>
    /// <param name="reversePath">Who gets reports; <see cref="Mailbox.Null"/> for nobody.</param>
    /// <param name="recipients">At least one.</param>
    /// <param name="message">Header section and body as text with any line ends, such as MimeKit's <c>MimeMessage.WriteTo</c> writes; read to its end, not closed.</param>
    /// <param name="cancellationToken">Gives up reading and waiting. A message that was given up may be stored; then it is removed again.</param>
    /// <returns>What the queue answers; a 4xx means that trying again later makes sense.</returns>
    public async ValueTask<EnqueueResult> SubmitAsync(Mailbox reversePath, IReadOnlyList<Recipient> recipients, Stream message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipients);
        ArgumentOutOfRangeException.ThrowIfZero(recipients.Count, nameof(recipients));
        ArgumentNullException.ThrowIfNull(message);
        // Content and item need names of their own.
        MessageContent content = await ReadAsync(_submissions.Next(), message, cancellationToken);
        try
        {
            return await Queue.EnqueueAsync(
                new Envelope
                {
                    Id = _submissions.Next(),
                    ReversePath = reversePath,
                    Recipients = recipients,
                    Content = content,
                    ReceivedAt = _time.GetUtcNow(),
                    Client = new ClientFacts { Protocol = "LOCAL", ServerName = _hostName },
                    Body = content.Traits.HasFlag(ContentTraits.EightBit) ? BodyType.EightBitMime : BodyType.Unspecified,
                    SmtpUtf8 = reversePath.NeedsUtf8 || recipients.Any(recipient => recipient.Address.NeedsUtf8),
                },
                cancellationToken);
        }
        finally
        {
            content.Release();
        }
    }

    // SMTP carries CRLF lines only, and text that a program wrote may have others.
    private async ValueTask<MessageContent> ReadAsync(QueueId id, Stream message, CancellationToken cancellationToken)
    {
        using var writer = new PooledContentWriter(id, _contentThreshold, null, spilled => Queue.BeginContent(spilled, null));
        var lines = new ArrayBufferWriter<byte>(BlockSize * 2);
        var converter = new LineEndConverter(lines);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            int count;
            while ((count = await message.ReadAsync(block, cancellationToken)) > 0)
            {
                converter.Write(block.AsSpan(0, count));
                await writer.WriteAsync(lines.WrittenMemory, cancellationToken);
                lines.ResetWrittenCount();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        converter.Complete();
        await writer.WriteAsync(lines.WrittenMemory, cancellationToken);
        return await writer.CompleteAsync(converter.Traits, cancellationToken);
    }
}
