using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Redis.Tests;

/// <summary>What every storage, every durable one and every shared one must do, on a real Redis.</summary>
public abstract class RedisStorageContract : SharedQueueStorageContract
{
    private RedisStorageOptions? _place;

    /// <summary>Options for a place that is still empty.</summary>
    protected abstract RedisStorageOptions NewPlace();

    /// <inheritdoc/>
    protected override ValueTask<IQueueStorage> CreateAsync()
    {
        _place = NewPlace();
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
