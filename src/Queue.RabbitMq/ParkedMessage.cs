using SlimtaFast.Mail;

namespace SlimtaFast.Queue.RabbitMq;

/// <summary>A message that waits for an operator. Immutable.</summary>
/// <param name="Id">Its name, as the logs have it; empty where it has none.</param>
/// <param name="Reason">Why it was parked.</param>
/// <param name="ParkedAt">When.</param>
/// <param name="Octets">Its size in the broker.</param>
/// <param name="Item">What it is, without its content; null where it cannot be read.</param>
public sealed record ParkedMessage(string Id, string Reason, DateTimeOffset ParkedAt, int Octets, EnvelopeHead? Item);
