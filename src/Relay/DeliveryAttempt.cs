using SlimtaFast.Mail;

namespace SlimtaFast.Relay;

/// <summary>One attempt at an item. Immutable.</summary>
/// <param name="Number">1 for the first attempt.</param>
/// <param name="Recipients">Those of the envelope's recipients that are still open.</param>
public readonly record struct DeliveryAttempt(int Number, IReadOnlyList<Recipient> Recipients);
