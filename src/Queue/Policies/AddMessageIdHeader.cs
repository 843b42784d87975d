namespace SlimtaFast.Queue.Policies;

/// <summary>Adds a Message-ID field where the message has none, made of its queue id and this server's name (RFC 5322 section 3.6.4).</summary>
internal sealed class AddMessageIdHeader : IQueuePolicy
{
    private readonly byte[] _hostName;

    /// <summary>Makes the policy.</summary>
    public AddMessageIdHeader(string hostName) => _hostName = FieldBuilder.CleanName(hostName);

    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        if (!message.Headers.HasMessageId)
        {
            Span<byte> buffer = stackalloc byte[512];
            var field = new FieldBuilder(buffer);
            field.Append("Message-ID: <"u8);
            field.AppendId(message.Envelope.Id);
            field.Append("@"u8);
            field.Append(_hostName);
            field.Append(">\r\n"u8);
            message.PrependFields(field.Written);
        }

        return ValueTask.CompletedTask;
    }
}
