using SlimtaFast.Queue.RabbitMq;

namespace SlimtaFast.Server.Configuration;

/// <summary>The broker that is used, and where contents go that are too large for it. Immutable.</summary>
/// <param name="Options">Where the broker is and who asks, still without a store for contents.</param>
/// <param name="ContentsDirectory">The folder for larger contents; empty for none.</param>
internal sealed record BrokerSettings(RabbitMqOptions Options, string ContentsDirectory);
