using System.Net;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.RabbitMq;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>Edges, workers and a broker as real processes, of which one after another is killed.</summary>
public sealed class DistributedQueueTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [FullFact(RabbitMqBroker.Server)]
    public async Task Workers_killed_again_and_again_lose_and_tear_nothing()
    {
        await using BrokerUnderTest queue = await BrokerUnderTest.StartAsync(output);
        (RunningProgram edge, IPEndPoint endPoint) = await queue.StartEdgeAsync();
        await using RunningProgram owned = edge;
        RunningProgram[] workers = [await queue.StartWorkerAsync(), await queue.StartWorkerAsync()];
        int rounds = CurrentTier.Rounds(full: 5, many: 100);

        // Some of them larger than what travels in the broker's messages.
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 5, seed: 5, static random => random.Next(20) == 0 ? 100_000 : random.Next(100, 5000)))
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

        await queue.AssertAllArriveAsync($"{rounds} kills of workers", mostRepeated: rounds * BrokerUnderTest.Attempts);
        await queue.AssertEmptyAsync();
        foreach (RunningProgram worker in workers)
        {
            Assert.Equal(0, await worker.StopAsync());
            await worker.DisposeAsync();
        }

        Assert.Equal(0, await edge.StopAsync());
        Assert.Equal(0, await queue.Contents.CountAsync());
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Edge_that_is_killed_loses_nothing_that_it_acknowledged()
    {
        await using BrokerUnderTest queue = await BrokerUnderTest.StartAsync(output);
        await using RunningProgram worker = await queue.StartWorkerAsync();
        int rounds = CurrentTier.Rounds(full: 3, many: 100);
        for (int round = 0; round < rounds; round++)
        {
            (RunningProgram edge, IPEndPoint endPoint) = await queue.StartEdgeAsync();
            await using (edge)
            {
                await using SmtpLoad load = SmtpLoad.Start(endPoint, connections: 10, seed: round);
                int enough = new Random(round).Next(1, 300);
                await load.WaitAsync(l => l.Accepted >= enough, Limit);
                edge.Kill();
                await edge.WaitForExitAsync(Limit);
                await load.StopAsync();
                queue.Remember(load);
            }
        }

        await queue.AssertAllArriveAsync($"{rounds} kills of edges", mostRepeated: 0);
        Assert.Equal(0, await worker.StopAsync());
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task While_the_broker_is_away_clients_are_put_off_and_everything_goes_on_by_itself()
    {
        await using BrokerUnderTest queue = await BrokerUnderTest.StartAsync(output);
        (RunningProgram server, IPEndPoint endPoint) = await queue.StartBothAsync();
        await using RunningProgram owned = server;
        await using RunningProgram worker = await queue.StartWorkerAsync();
        await using (SmtpLoad load = SmtpLoad.Start(endPoint, connections: 4, seed: 11))
        {
            await load.WaitAsync(static l => l.Accepted >= 100, Limit);
            await queue.Broker.Nodes[0].KillAsync();
            await load.WaitAsync(static l => l.Messages.Count(static message => message.Outcome == LoadOutcome.Refused) >= 20, Limit);
            Assert.All(load.Messages.Where(static message => message.Outcome == LoadOutcome.Refused), static message => Assert.StartsWith("451 4.3.", message.Reply, StringComparison.Ordinal));

            // Who is started before its broker waits for it.
            Task<RunningProgram> early = queue.StartWorkerAsync();
            await queue.Broker.Nodes[0].StartAsync();
            await (await early).DisposeAsync();
            int before = load.Accepted;
            await load.WaitAsync(l => l.Accepted >= before + 100, Limit);
            await load.StopAsync();
            queue.Remember(load);
        }

        await queue.AssertAllArriveAsync("the broker away", mostRepeated: 2 * BrokerUnderTest.Attempts);
        await queue.AssertEmptyAsync();
        Assert.Equal(0, await worker.StopAsync());
        Assert.Equal(0, await server.StopAsync());
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Check_tells_what_is_right_and_what_is_wrong()
    {
        await using BrokerUnderTest queue = await BrokerUnderTest.StartAsync(output);
        (int code, string text) = await queue.RunAsync("check", "--connect");
        Assert.True(code == 0, text);
        Assert.Contains("A message was confirmed after", text, StringComparison.Ordinal);
        (code, text) = await queue.RunAsync("queue", "parked", "list");
        Assert.True(code == 0, text);
        await queue.Broker.Nodes[0].ControlAsync("change_password", "guest", "another");
        (code, text) = await queue.RunAsync("check", "--connect");
        Assert.Equal(1, code);
        Assert.Contains("WRONG", text, StringComparison.Ordinal);
        Assert.Contains("ACCESS_REFUSED", text, StringComparison.OrdinalIgnoreCase);
    }
}
