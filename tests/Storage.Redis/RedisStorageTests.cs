namespace SlimtaFast.Storage.Redis.Tests;

/// <summary>A single server passes.</summary>
public sealed class RedisStorageTests(RedisFixture fixture) : RedisStorageContract, IClassFixture<RedisFixture>
{
    /// <inheritdoc/>
    protected override RedisStorageOptions NewPlace() => fixture.NewPlace();
}
