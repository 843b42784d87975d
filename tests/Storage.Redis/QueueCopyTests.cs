using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests;

/// <summary>Copies of a queue in Redis that has damage of its own kinds.</summary>
public sealed class QueueCopyTests(RedisFixture fixture) : IClassFixture<RedisFixture>
{
    [FullFact("redis-server", "redis-cli")]
    public async Task Damaged_items_are_told_and_the_others_copied()
    {
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage from = RedisFixture.Open(place), to = RedisFixture.Open(fixture.NewPlace());
        await from.StartAsync(CancellationToken.None);
        await to.StartAsync(CancellationToken.None);
        int[] sizes = [10, 20, 30, 40, 100_000, 200_000];
        QueueItem[] items = [.. sizes.Select(static octets => Envelopes.MakeItem(Contents.InMemory(new byte[octets])))];
        foreach (QueueItem item in items)
        {
            await from.WriteAsync([item], CancellationToken.None);
            item.Envelope.Content.Release();
        }

        await fixture.Redis.RunAsync("hset", place.Prefix + items[0].Envelope.Id, "envelope", "SFEH, and no more");
        await fixture.Redis.RunAsync("hset", place.Prefix + items[1].Envelope.Id, "state", "none");
        await fixture.Redis.RunAsync("hset", place.Prefix + items[2].Envelope.Id, "body", "short");
        await fixture.Redis.RunAsync("hdel", $"{place.Prefix}content:{items[4].Envelope.Content.Id}", "1");
        QueueCopyResult result = await new QueueCopy(from, to).RunAsync(true, CancellationToken.None);
        QueueItem[] damaged = [items[0], items[1], items[2], items[4]];
        Assert.Equal(damaged.Select(static item => item.Envelope.Id.ToString()), result.Differences.Select(static difference => difference.Split(':')[0]));
        Assert.Equal((6, 0), (result.Items, result.Removed));
        Assert.Equal(6, from.GetInfo().Items);
        Assert.Equal(2, to.GetInfo().Items);
    }
}
