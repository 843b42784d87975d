namespace SlimtaFast.Queue.Policies;

/// <summary>Adds a Date field where the message has none: the time it was received, in UTC (RFC 5322 section 3.6.1).</summary>
internal sealed class AddDateHeader : IQueuePolicy
{
    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        if (!message.Headers.HasDate)
        {
            Span<byte> buffer = stackalloc byte[64];
            var field = new FieldBuilder(buffer);
            field.Append("Date: "u8);
            field.AppendDate(message.Envelope.ReceivedAt);
            field.Append("\r\n"u8);
            message.PrependFields(field.Written);
        }

        return ValueTask.CompletedTask;
    }
}
