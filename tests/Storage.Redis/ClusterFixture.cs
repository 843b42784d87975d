using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests;

/// <summary>One real cluster for the tests of a class, each of which has a prefix of its own.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private RedisCluster? _cluster;
    private int _prefixes;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (new FullFactAttribute("redis-server", "redis-cli").Skip is null)
            _cluster = await RedisCluster.StartAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    /// <summary>Options for a place that is still empty.</summary>
    public RedisStorageOptions NewPlace() => new()
    {
        Servers = [KeyValuePair.Create("127.0.0.1", _cluster!.Nodes[0].Port)],
        Prefix = $"slimta-{Interlocked.Increment(ref _prefixes)}:",
        Cluster = true,
    };
}
