using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>Where every edge ends: takes responsibility for a message, or says why not. All members are thread-safe.</summary>
public interface IMailQueue
{
    /// <summary>
    /// True where the queue needs the bytes of a message. Where it does not, an edge asks <see cref="BeginContent"/> for every message
    /// at once instead of collecting it in memory, so that a discarding server touches no memory for contents.
    /// </summary>
    bool KeepsContents => true;

    /// <summary>Starts a content that is too large to wait in memory, on the medium where the queue will keep it.</summary>
    /// <param name="id">The content's name, which no envelope has.</param>
    /// <param name="sizeHint">Octets to expect, or null.</param>
    ContentWriter BeginContent(QueueId id, long? sizeHint);

    /// <summary>
    /// Takes a message. A positive reply means that it is on stable storage (or, for a proxy, that the next hop has it). The queue
    /// takes references of its own to the content; the caller keeps and releases the one it has. Never throws for trouble with the
    /// storage or a next hop: that is a 4xx reply.
    /// </summary>
    ValueTask<EnqueueResult> EnqueueAsync(Envelope envelope, CancellationToken cancellationToken);
}
