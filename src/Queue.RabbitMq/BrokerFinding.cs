namespace SlimtaFast.Queue.RabbitMq;

/// <summary>One thing that was seen of a broker. Immutable.</summary>
/// <param name="IsFault">True where mail is or would be lost, late or refused for it.</param>
/// <param name="Text">What it is, for an operator.</param>
public sealed record BrokerFinding(bool IsFault, string Text);
