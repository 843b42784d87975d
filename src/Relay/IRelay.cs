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
    /// Tries to deliver to the attempt's recipients and tells the outcome of each. Throws only where the attempt was cancelled; any
    /// other exception that escapes counts as transient for all recipients.
    /// </summary>
    ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken);
}
