namespace SlimtaFast.Mail;

/// <summary>What a storage keeps: an envelope and its delivery state. Immutable.</summary>
/// <param name="Envelope">The message on its way.</param>
/// <param name="State">Where it stands.</param>
public sealed record QueueItem(Envelope Envelope, DeliveryState State)
{
    /// <summary>
    /// The domain that decides its next hop, in lower case: that of its recipients, unless an operator sends it another way. Whatever routes, schedules or lists items
    /// goes by this one.
    /// </summary>
    public string Domain => State.RoutingDomain ?? Envelope.Domain;
}
