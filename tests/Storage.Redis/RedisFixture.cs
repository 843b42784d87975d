using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests;

/// <summary>One real server for the tests of a class, each of which has a prefix of its own.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private int _prefixes;

    /// <summary>The server.</summary>
    public RedisProgram Redis { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (new FullFactAttribute("redis-server", "redis-cli").Skip is null)
            Redis = await RedisProgram.StartAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Redis is not null)
            await Redis.DisposeAsync();
    }

    /// <summary>Options for a place that is still empty; its prefix has characters that a pattern gives a meaning to.</summary>
    public RedisStorageOptions NewPlace() => new()
    {
        Servers = [KeyValuePair.Create("127.0.0.1", Redis.Port)],
        Prefix = $"slimta[{Interlocked.Increment(ref _prefixes)}]*:",
    };

    /// <summary>A storage, not started.</summary>
    public static RedisStorage Open(RedisStorageOptions options) => new(options, TimeProvider.System);
}
