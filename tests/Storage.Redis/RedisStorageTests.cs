using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Redis.Tests;

/// <summary>Redis passes what every storage, every durable one and every shared one must.</summary>
public sealed class RedisStorageTests(RedisFixture fixture) : SharedQueueStorageContract, IClassFixture<RedisFixture>
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
