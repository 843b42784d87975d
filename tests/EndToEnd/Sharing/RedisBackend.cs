using System.Globalization;
using SlimtaFast.TestKit.Redis;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A real Redis.</summary>
internal sealed class RedisBackend : ISharedBackend
{
    private RedisBackend(RedisProgram redis) => Redis = redis;

    public RedisProgram Redis { get; }

    public string Storage => At(Redis.Port);

    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

    public TimeSpan Lease => TimeSpan.FromSeconds(2);

    /// <summary>The storage by way of another port.</summary>
    public static string At(int port) => string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{port}?timeout=2s");

    public static async Task<RedisBackend> StartAsync() => new(await RedisProgram.StartAsync());

    public Task<string> CountAsync() => Redis.RunAsync("zcard", "slimta:due");

    public ValueTask DisposeAsync() => Redis.DisposeAsync();
}
