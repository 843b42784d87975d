using SlimtaFast.TestKit.RabbitMq;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Queue.RabbitMq.Tests;

/// <summary>One real broker for the tests of a class, each of which has a prefix of its own.</summary>
public sealed class RabbitMqFixture : IAsyncLifetime
{
    private int _prefixes;

    /// <summary>The broker; null where this run has none.</summary>
    public RabbitMqBroker Broker { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (new FullFactAttribute(RabbitMqBroker.Server).Skip is null)
            Broker = await RabbitMqBroker.StartAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Broker is not null)
            await Broker.DisposeAsync();
    }

    /// <summary>Options for a place that is still empty.</summary>
    public RabbitMqOptions NewPlace() => new()
    {
        Nodes = Broker.EndPoints,
        Prefix = $"test{Interlocked.Increment(ref _prefixes)}",
        Timeout = TimeSpan.FromSeconds(20),
    };
}
