namespace SlimtaFast.Storage.Redis.Tests;

/// <summary>A cluster passes the same: what is written together, and an item and its bounces, are at one of its masters.</summary>
public sealed class RedisClusterStorageTests(ClusterFixture fixture) : RedisStorageContract, IClassFixture<ClusterFixture>
{
    /// <inheritdoc/>
    protected override RedisStorageOptions NewPlace() => fixture.NewPlace();
}
