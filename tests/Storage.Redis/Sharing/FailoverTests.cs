using System.Diagnostics;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Sharing;

/// <summary>A master that dies under Sentinels: the storage goes on with its replica, which has everything that was acknowledged.</summary>
public sealed class FailoverTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [FullFact("redis-server", "redis-cli")]
    public async Task Storage_follows_the_sentinels_and_has_lost_nothing()
    {
        await using RedisSentinels redis = await RedisSentinels.StartAsync();
        await using var storage = new RedisStorage(
            new RedisStorageOptions
            {
                Servers = [.. redis.Ports.Select(static port => KeyValuePair.Create("127.0.0.1", port))],
                SentinelService = RedisSentinels.Service,
                Replicas = 1,
                Timeout = TimeSpan.FromSeconds(2),
            },
            TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        var acknowledged = new HashSet<QueueId>();
        for (int i = 0; i < 50; i++)
            Assert.True(await TryStoreAsync(storage, acknowledged));
        await redis.Master.KillAsync();

        long killed = Stopwatch.GetTimestamp();
        var failures = new HashSet<StorageFailure>();
        while (!await TryStoreAsync(storage, acknowledged, failures))
        {
            Assert.True(Stopwatch.GetElapsedTime(killed) < Patience, "The storage does not follow.");
            await Task.Delay(50);

            // The one replica that is left has none of its own to wait for.
            if (failures.Contains(StorageFailure.DeadlinePassed) && await IsMasterAsync(redis.Replica))
                break;
        }

        var found = new HashSet<QueueId>();
        await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
            found.Add(entry.Id);
        Assert.Superset(acknowledged, found);
    }

    private static async Task<bool> IsMasterAsync(RedisProgram redis) =>
        (await redis.RunAsync("info", "replication")).Contains("role:master", StringComparison.Ordinal);

    private static async Task<bool> TryStoreAsync(RedisStorage storage, HashSet<QueueId> acknowledged, HashSet<StorageFailure>? failures = null)
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        try
        {
            await storage.WriteAsync([item], CancellationToken.None);
            acknowledged.Add(item.Envelope.Id);
            return true;
        }
        catch (StorageException failure) when (failures is not null)
        {
            failures.Add(failure.Failure);
            return false;
        }
        finally
        {
            item.Envelope.Content.Release();
        }
    }
}
