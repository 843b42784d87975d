using SlimtaFast.Mail;

namespace SlimtaFast.Relay;

/// <summary>Delivers. All members are thread-safe.</summary>
public interface IRelay : IAsyncDisposable
{
    /// <summary>
    /// The next hop that serves a domain, as a key: items with the same key share concurrency, suspension and connections. Asked when
    /// an item becomes ready and never stored, so that another relay after a restart just works. Must not block.
    /// </summary>
    string GetNextHop(string domain);

    /// <summary>
    /// Attempts at once at most for the next hop that serves a domain, where it has a bound of its own; 0, as by default, for the queue's. Asked
    /// together with <see cref="GetNextHop"/>; where domains of one hop have different bounds, any of them counts. Must not block.
    /// </summary>
    int GetMaxAttempts(string domain) => 0;

    /// <summary>
    /// Tries to deliver to the attempt's recipients and tells the outcome of each. Throws only where the attempt was cancelled; any
    /// other exception that escapes counts as transient for all recipients.
    /// </summary>
    ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken);
}
