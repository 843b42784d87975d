using System.Globalization;
using System.Text.RegularExpressions;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Items;

/// <summary>Items that come while others are on their way are written together.</summary>
public sealed partial class GroupedWritesTests
{
    private const int Messages = 50;

    [FullFact("redis-server", "redis-cli")]
    public async Task Items_that_come_while_one_is_on_its_way_go_together_and_one_that_is_given_up_stays_behind()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await using var storage = new RedisStorage(
            new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)], Lanes = 1, Timeout = TimeSpan.FromSeconds(60) }, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        QueueItem first = Envelopes.MakeItem(Contents.InMemory());
        await storage.WriteAsync([first], CancellationToken.None);
        first.Envelope.Content.Release();
        long before = await CountScriptsAsync(redis);

        redis.Freeze();
        using var givenUp = new CancellationTokenSource();
        QueueItem[] items = [.. Enumerable.Range(0, Messages).Select(static i => Envelopes.MakeItem(Contents.InMemory(new byte[i * 100])))];
        Task[] writes = [.. items.Select((item, i) => storage.WriteAsync([item], i == Messages / 2 ? givenUp.Token : CancellationToken.None).AsTask())];
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writes[Messages / 2]);
        redis.Thaw();
        await Task.WhenAll(writes.Where((_, i) => i != Messages / 2));
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();

        // The first alone, all others behind it.
        Assert.Equal(before + 2, await CountScriptsAsync(redis));
        Assert.Equal(Messages.ToString(CultureInfo.InvariantCulture), await redis.RunAsync("zcard", "slimta:due"));
        Assert.Null(await storage.ReadAsync(items[Messages / 2].Envelope.Id, CancellationToken.None));
        for (int i = 0; i < Messages; i++)
        {
            if (i == Messages / 2)
                continue;
            QueueItem read = (await storage.ReadAsync(items[i].Envelope.Id, CancellationToken.None))!;
            Assert.Equal(i * 100, read.Envelope.Content.Length);
            read.Envelope.Content.Release();
        }
    }

    private static async Task<long> CountScriptsAsync(RedisProgram redis) =>
        long.Parse(Scripts().Match(await redis.RunAsync("info", "commandstats")).Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"cmdstat_evalsha:calls=(\d+)")]
    private static partial Regex Scripts();
}
