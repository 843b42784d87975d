namespace SlimtaFast.Mail;

/// <summary>What a storage keeps: an envelope and its delivery state. Immutable.</summary>
/// <param name="Envelope">The message on its way.</param>
/// <param name="State">Where it stands.</param>
public sealed record QueueItem(Envelope Envelope, DeliveryState State);
