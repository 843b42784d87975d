using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>
/// Says 250 to every message and forgets it: for trying things out and for measuring how fast mail can be received. Thread-safe.
/// </summary>
public sealed class DiscardingQueue : IMailQueue
{
    private static readonly EnqueueResult Discarded = new(new SmtpReply(250, "2.0.0", "Ok: discarded"));

    /// <summary>False: nobody will read a message again.</summary>
    public bool KeepsContents => false;

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) => new DiscardingContentWriter(id);

    /// <inheritdoc/>
    public ValueTask<EnqueueResult> EnqueueAsync(Envelope envelope, CancellationToken cancellationToken) => ValueTask.FromResult(Discarded);
}
