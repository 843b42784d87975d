using SlimtaFast.Mail;
using SlimtaFast.Queue;
using SlimtaFast.Storage.Redis.Tests.Sharing;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Faults;

/// <summary>Servers that are away for longer than leases last, and clusters one of whose masters is.</summary>
public sealed class OutageTests
{
    // Each outcome is tried again in its own time: with so many, some are late.
    private const int Messages = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(4);

    [FullFact("redis-server", "redis-cli")]
    public async Task What_was_delivered_during_an_outage_is_recorded_before_others_claim_it()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        var options = new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)] };
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var relay = new WatchfulRelay();
        relay.Script = async (_, attempt, token) =>
        {
            await answer.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        await using RedisStorage storage = RedisFixture.Open(options), another = RedisFixture.Open(options);
        await storage.StartAsync(CancellationToken.None);
        await another.StartAsync(CancellationToken.None);
        var terms = new MailQueueOptions { HostName = "mx.example.org", LeaseTime = Lease };
        await using var queue = new MailQueue(storage, relay, terms, []);
        await using var claiming = new MailQueue(another, relay, terms, []);
        await queue.StartAsync(CancellationToken.None);
        await claiming.StartAsync(CancellationToken.None);
        for (int i = 0; i < Messages; i++)
        {
            Envelope envelope = Envelopes.Make(Contents.InMemory("Hello\r\n"), "alice@example.com", [$"b@host{i}.example"]) with { ReceivedAt = DateTimeOffset.UtcNow };
            Assert.Equal(250, (await queue.EnqueueAsync(envelope, CancellationToken.None)).Reply.Code);
            envelope.Content.Release();
        }

        using var begun = new CancellationTokenSource(Patience);
        while (relay.Attempts.Count < Messages)
            await Task.Delay(20, begun.Token);
        await redis.KillAsync();
        answer.SetResult();
        await relay.WaitAsync(() => relay.Delivered.Count == Messages, Patience);

        // Until the lease is over, by the server's clock, and until pauses would have become long.
        await Task.Delay(3 * Lease);
        await redis.StartAgainAsync();
        using var end = new CancellationTokenSource(Patience);
        while (await redis.RunAsync("zcard", options.Prefix + "due") != "0")
            await Task.Delay(50, end.Token);
        Assert.Equal(Messages, relay.Attempts.Count);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Master_that_is_away_costs_the_items_of_the_others_no_lease()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync();
        foreach (RedisProgram node in cluster.Nodes)
            await node.RunAsync("config", "set", "cluster-require-full-coverage", "no");
        await using var storage = RedisFixture.Open(new RedisStorageOptions
        {
            Servers = [.. cluster.Nodes.Select(static node => KeyValuePair.Create("127.0.0.1", node.Port))],
            Cluster = true,
            Timeout = TimeSpan.FromSeconds(10),
        });
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        var held = new List<QueueLease>();
        for (int i = 0; i < 64; i++)
        {
            QueueItem item = Envelopes.MakeItem(Contents.InMemory());
            await storage.WriteAsync([item], TimeSpan.FromMinutes(1), CancellationToken.None);
            item.Envelope.Content.Release();
            held.Add(new QueueLease(item.Envelope.Id, QueueLease.First));
        }

        QueueLease foreign = new(Envelopes.NewId(), QueueLease.First);
        Assert.Equal(foreign, Assert.Single((await storage.RenewAsync([.. held, foreign], TimeSpan.FromMinutes(1), CancellationToken.None)).Lost));
        await cluster.Nodes[2].KillAsync();
        RenewResult result = await storage.RenewAsync(held, TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Empty(result.Lost);
        Assert.NotNull(result.Failure);
        Assert.InRange(result.Unknown.Count, 1, held.Count - 1);
        await Assert.ThrowsAsync<StorageException>(
            async () => await storage.ReleaseAsync([.. held.Select(static lease => new LeaseRelease(lease, DateTimeOffset.MinValue))], CancellationToken.None));
        ClaimResult again = await storage.ClaimDueAsync(10_000, TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal(held.Except(result.Unknown).Select(static lease => lease.Id).Order(), again.Items.Select(static item => item.Entry.Id).Order());
    }
}
