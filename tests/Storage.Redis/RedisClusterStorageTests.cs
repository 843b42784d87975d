using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Redis.Tests;

/// <summary>A Redis cluster passes the same: what is written together, and an item and its bounces, are at one of its masters.</summary>
public sealed class RedisClusterStorageTests(ClusterFixture fixture) : SharedQueueStorageContract, IClassFixture<ClusterFixture>
{
    private RedisStorageOptions? _place;

    /// <inheritdoc/>
    protected override ValueTask<IQueueStorage> CreateAsync()
    {
        _place = fixture.NewPlace();
        return ValueTask.FromResult<IQueueStorage>(RedisFixture.Open(_place));
    }

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> ReopenAsync()
    {
        await Storage.DisposeAsync();
        return RedisFixture.Open(_place!);
    }

    /// <inheritdoc/>
    protected override ISharedQueueStorage OpenAnother() => RedisFixture.Open(_place!);
}
