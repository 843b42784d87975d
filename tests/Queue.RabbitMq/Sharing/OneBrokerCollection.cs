namespace SlimtaFast.Queue.RabbitMq.Tests.Sharing;

/// <summary>Tests that share one broker, one after the other.</summary>
[CollectionDefinition(nameof(OneBrokerCollection))]
public sealed class OneBrokerCollection : ICollectionFixture<RabbitMqFixture>;
