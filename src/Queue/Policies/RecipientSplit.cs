using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Policies;

/// <summary>Makes a part for each recipient.</summary>
internal sealed class RecipientSplit : IQueuePolicy
{
    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        Envelope envelope = message.Envelope;
        if (envelope.Recipients.Count > 1)
            message.Split([.. envelope.Recipients.Select(recipient => envelope with { Recipients = [recipient] })]);
        return ValueTask.CompletedTask;
    }
}
