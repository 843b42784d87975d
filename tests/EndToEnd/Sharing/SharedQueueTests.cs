using System.Net;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>Several real processes on one queue in a real Redis, killed, frozen, and without their Redis for a while.</summary>
public sealed class SharedQueueTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [FullFact("redis-server", "redis-cli")]
    public async Task Workers_killed_again_and_again_lose_and_tear_nothing()
    {
        await using var queue = new QueueUnderTest(await RedisBackend.StartAsync(), output);
        (RunningProgram edge, IPEndPoint endPoint) = await queue.StartEdgeAsync();
        await using RunningProgram owned = edge;
        RunningProgram[] workers = [await queue.StartWorkerAsync(), await queue.StartWorkerAsync(), await queue.StartWorkerAsync()];
        int rounds = CurrentTier.Rounds(full: 6, many: 200);
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 5, seed: 5))
        {
            for (int round = 0; round < rounds; round++)
            {
                int enough = load.Accepted + new Random(round).Next(20, 200);
                await load.WaitAsync(l => l.Accepted >= enough, Limit);
                workers[round % workers.Length].Kill();
                await workers[round % workers.Length].DisposeAsync();
                workers[round % workers.Length] = await queue.StartWorkerAsync();
            }

            await load.StopAsync();
            queue.Remember(load);
        }

        await queue.AssertAllArriveAsync($"{rounds} kills of workers", mostRepeated: rounds * QueueUnderTest.Attempts);
        foreach (RunningProgram worker in workers)
        {
            Assert.Equal(0, await worker.StopAsync());
            await worker.DisposeAsync();
        }

        Assert.Equal(0, await edge.StopAsync());
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Server_that_is_killed_is_made_up_for_by_the_others()
    {
        await using var queue = new QueueUnderTest(await RedisBackend.StartAsync(), output);
        (RunningProgram survivor, _) = await queue.StartServerAsync();
        await using RunningProgram owned = survivor;
        int rounds = CurrentTier.Rounds(full: 3, many: 100);
        for (int round = 0; round < rounds; round++)
        {
            (RunningProgram server, IPEndPoint endPoint) = await queue.StartServerAsync();
            await using (server)
            {
                await using SmtpLoad load = SmtpLoad.Start(endPoint, connections: 10, seed: round);
                int enough = new Random(round).Next(1, 300);
                await load.WaitAsync(l => l.Accepted >= enough, Limit);
                server.Kill();
                await server.WaitForExitAsync(Limit);
                await load.StopAsync();
                queue.Remember(load);
            }
        }

        await queue.AssertAllArriveAsync($"{rounds} kills of servers", mostRepeated: rounds * QueueUnderTest.Attempts);
        Assert.Equal(0, await survivor.StopAsync());
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Worker_frozen_past_its_leases_finds_that_it_has_nothing_more_to_say()
    {
        await using var queue = new QueueUnderTest(await RedisBackend.StartAsync(), output);
        (RunningProgram edge, IPEndPoint endPoint) = await queue.StartEdgeAsync();
        await using RunningProgram owned = edge;
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 5, seed: 7, static random => random.Next(100, 5000)))
        {
            await load.WaitAsync(static l => l.Accepted >= 300, Limit);
            await load.StopAsync();
            queue.Remember(load);
        }

        // One attempt at a time, so that it certainly has more than it can do.
        await using RunningProgram frozen = await queue.StartWorkerAsync(attempts: 1);
        await queue.Sink.WaitForCountAsync(20, Limit);
        frozen.Freeze();
        await using RunningProgram other = await queue.StartWorkerAsync();

        // How many it had delivered whose outcomes were still on their way to Redis it tells itself, further down; at most all.
        await queue.AssertAllArriveAsync("a worker frozen for ever, so far", mostRepeated: int.MaxValue);
        frozen.Thaw();
        await frozen.WaitForLineAsync(static line => line.Contains("another process may have it", StringComparison.Ordinal) || line.Contains("belongs to another process", StringComparison.Ordinal), Limit);

        // It goes on as one of two.
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 2, seed: 8))
        {
            await load.WaitAsync(static l => l.Accepted >= 100, Limit);
            await load.StopAsync();
            queue.Remember(load);
        }

        Assert.Equal(0, await frozen.StopAsync());
        await queue.AssertAllArriveAsync("a worker frozen past its leases", QueueUnderTest.CountUnrecorded(frozen, attempts: 1));
        Assert.Equal(0, await other.StopAsync());
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Worker_cut_off_from_redis_loses_its_leases_to_the_others_and_is_refused_when_it_is_back()
    {
        const int Attempts = 5;
        RedisBackend backend = await RedisBackend.StartAsync();
        await using var queue = new QueueUnderTest(backend, output);
        (RunningProgram edge, IPEndPoint endPoint) = await queue.StartEdgeAsync();
        await using RunningProgram owned = edge;
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 5, seed: 13, static random => random.Next(100, 5000)))
        {
            await load.WaitAsync(static l => l.Accepted >= 1000, Limit);
            await load.StopAsync();
            queue.Remember(load);
        }

        await using var network = new HoldingProxy(backend.Redis.Port);
        await using RunningProgram cut = await queue.StartWorkerAsync(Attempts, RedisBackend.At(network.Port));
        await queue.Sink.WaitForCountAsync(20, Limit);
        network.Hold();
        await using RunningProgram other = await queue.StartWorkerAsync();

        // Until its leases are at their end the one that is cut off delivers what it has, and cannot record it.
        await queue.AssertAllArriveAsync("a worker cut off for ever, so far", mostRepeated: int.MaxValue);
        network.Release();
        await cut.WaitForLineAsync(static line => line.Contains("belongs to another process", StringComparison.Ordinal), Limit);
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 2, seed: 14))
        {
            await load.WaitAsync(static l => l.Accepted >= 100, Limit);
            await load.StopAsync();
            queue.Remember(load);
        }

        Assert.Equal(0, await cut.StopAsync());
        await queue.AssertAllArriveAsync("a worker cut off from Redis for a while", QueueUnderTest.CountUnrecorded(cut, Attempts));
        Assert.Equal(0, await other.StopAsync());
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task While_redis_is_away_clients_are_put_off_and_everything_goes_on_by_itself()
    {
        RedisBackend backend = await RedisBackend.StartAsync();
        await using var queue = new QueueUnderTest(backend, output);
        (RunningProgram server, IPEndPoint endPoint) = await queue.StartServerAsync();
        await using RunningProgram owned = server;
        await using RunningProgram worker = await queue.StartWorkerAsync();
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 4, seed: 11))
        {
            await load.WaitAsync(static l => l.Accepted >= 100, Limit);
            await backend.Redis.KillAsync();
            await load.WaitAsync(static l => l.Messages.Count(static message => message.Outcome == LoadOutcome.Refused) >= 20, Limit);
            Assert.All(load.Messages.Where(static message => message.Outcome == LoadOutcome.Refused), static message => Assert.StartsWith("451 4.3.", message.Reply, StringComparison.Ordinal));
            await backend.Redis.StartAgainAsync();
            int before = load.Accepted;
            await load.WaitAsync(l => l.Accepted >= before + 100, Limit);
            await load.StopAsync();
            queue.Remember(load);
        }

        await queue.AssertAllArriveAsync("Redis away", mostRepeated: 2 * QueueUnderTest.Attempts);
        Assert.Equal(0, await worker.StopAsync());
        Assert.Equal(0, await server.StopAsync());
    }
}
