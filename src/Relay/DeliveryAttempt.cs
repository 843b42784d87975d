using SlimtaFast.Mail;

namespace SlimtaFast.Relay;

/// <summary>One attempt at an item. Immutable.</summary>
/// <param name="Number">1 for the first attempt.</param>
/// <param name="Recipients">Those of the envelope's recipients that are still open.</param>
public readonly record struct DeliveryAttempt(int Number, IReadOnlyList<Recipient> Recipients)
{
    /// <summary>
    /// The domain, in lower case, whose route this attempt takes for all of its recipients; null, as a rule, for each recipient's own. A relay whose way does not
    /// depend on a domain takes no notice of it.
    /// </summary>
    public string? RoutingDomain { get; init; }
}
