namespace SlimtaFast.Queue;

/// <summary>
/// Looks at a message before it is stored: may add header fields, change the envelope, split it into several, or refuse it. Policies run
/// in their order, each on every part that those before it made. Called for several messages at once: an instance keeps no state of one.
/// </summary>
public interface IQueuePolicy
{
    /// <summary>Applies the policy. An exception refuses the message for now, with 451 4.3.0. Must not block.</summary>
    ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken);
}
