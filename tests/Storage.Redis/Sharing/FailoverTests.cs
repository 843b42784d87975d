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

        // A flush that takes long here and there proves nothing.
        long begun = Stopwatch.GetTimestamp();
        while (acknowledged.Count < 50)
            Assert.True(await TryStoreAsync(storage, acknowledged, []) || Stopwatch.GetElapsedTime(begun) < Patience, "The storage takes nothing.");
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

        HashSet<QueueId>? found;
        while ((found = await TryLoadAsync(storage)) is null)
        {
            Assert.True(Stopwatch.GetElapsedTime(killed) < Patience, "The storage cannot be read.");
            await Task.Delay(50);
        }

        Assert.Superset(acknowledged, found);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Replica_is_asked_for_nothing_where_there_is_no_master()
    {
        await using RedisProgram master = await RedisProgram.StartAsync("--repl-diskless-sync-delay", "0");
        await using RedisProgram replica = await master.StartReplicaAsync();
        using var end = new CancellationTokenSource(Patience);
        await using var storage = new RedisStorage(
            new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", master.Port), KeyValuePair.Create("127.0.0.1", replica.Port)], Replicas = 1, Lanes = 1 }, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(new byte[200_000]));
        await storage.WriteAsync([item], CancellationToken.None);
        item.Envelope.Content.Release();
        MessageContent content = (await storage.ReadAsync(item.Envelope.Id, CancellationToken.None))!.Envelope.Content;
        await master.KillAsync();

        // Until the client knows that the master is gone.
        var failures = new HashSet<StorageFailure>();
        while (!failures.Contains(StorageFailure.Unavailable))
        {
            Assert.False(await TryStoreAsync(storage, [], failures));
            await Task.Delay(20, end.Token);
        }

        await Assert.ThrowsAsync<StorageException>(async () => await storage.ReadAsync(item.Envelope.Id, CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(() => Contents.ReadAllAsync(content));
        Assert.Null(await TryLoadAsync(storage));
        content.Release();
    }

    // Nothing waits for a connection that is being made anew: whoever asks is told so at once, and asks again. The server may be master, and a write have
    // been answered, while the client still turns its connections round.
    private static async Task<HashSet<QueueId>?> TryLoadAsync(RedisStorage storage)
    {
        var found = new HashSet<QueueId>();
        try
        {
            await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
                found.Add(entry.Id);
            return found;
        }
        catch (StorageException failure) when (failure.Failure is StorageFailure.Unavailable or StorageFailure.DeadlinePassed)
        {
            return null;
        }
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
