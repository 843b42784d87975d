using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// Makes a message ready for the processes of one attempt: once for all, or where a field names the recipient, again for each. Used by one
/// attempt, one process after the other.
/// </summary>
internal sealed class MessageStage(Envelope envelope, PipeProcessOptions options, bool addReturnPath) : IDisposable
{
    private StagedMessage? _staged;
    private IReadOnlySet<string>? _before;

    /// <summary>The message for a recipient, to be used before this is asked again.</summary>
    /// <exception cref="IOException">It could not be made ready.</exception>
    public async ValueTask<StagedMessage> PrepareAsync(Mailbox recipient, CancellationToken cancellationToken)
    {
        if (_staged is not null && !options.AddDeliveredTo)
            return _staged;
        _staged?.Dispose();
        _staged = null;
        byte[] front = FrontFields.Make(addReturnPath ? envelope.ReversePath : null, options.AddDeliveredTo ? recipient : null);
        _staged = await StagedMessage.CreateAsync(front, envelope, options.LineEnds, options.ScratchDirectory ?? Path.GetTempPath(), cancellationToken);
        return _staged;
    }

    /// <summary>True where the message says that it was delivered to this address before.</summary>
    public async ValueTask<bool> WasDeliveredAsync(Mailbox recipient, CancellationToken cancellationToken)
    {
        _before ??= await DeliveredBefore.ReadAsync(envelope.Content, cancellationToken);
        return _before.Contains(recipient.Address);
    }

    /// <inheritdoc/>
    public void Dispose() => _staged?.Dispose();
}
