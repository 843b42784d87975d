using System.Globalization;
using SlimtaFast.TestKit.Redis;

namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>A real Redis.</summary>
internal sealed class RedisOfContents(RedisProgram redis) : ISharedContents
{
    public string Address => string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{redis.Port}?timeout=20s");

    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

    public static async Task<ISharedContents> StartAsync() => new RedisOfContents(await RedisProgram.StartAsync());

    public async Task<int> CountAsync() => int.Parse(await redis.RunAsync("zcard", "slimta:kept"), CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync() => redis.DisposeAsync();
}
