using System.Globalization;
using System.Net;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.RabbitMq;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>Three nodes, three edges and three workers as real processes, of which one after another is killed or cut off while clients send.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private const int Of = 3;
    private const int Rounds = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [LongFact(RabbitMqBroker.Server)]
    public async Task Three_of_each_of_which_any_is_killed_or_cut_off_lose_nothing()
    {
        // A node without a majority stops until it has one again: the one policy for partitions under which nobody has to do anything afterwards.
        await using BrokerUnderTest queue = await BrokerUnderTest.StartAsync(output, Of, more: "cluster_partition_handling = pause_minority\nnet_ticktime = 10");
        var workers = new RunningProgram[Of];
        var edges = new (RunningProgram Program, IPEndPoint EndPoint)[Of];
        for (int i = 0; i < Of; i++)
        {
            workers[i] = await queue.StartWorkerAsync();
            edges[i] = await queue.StartEdgeAsync();
        }

        int seed = int.Parse(Environment.GetEnvironmentVariable("SLIMTAFAST_SEED") ?? "1", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        TrialKind[] kinds = Enum.GetValues<TrialKind>();
        TrialKind[] trials = [.. Enumerable.Range(0, Rounds).Select(round => kinds[round % kinds.Length])];
        random.Shuffle(trials);
        var repeated = new Dictionary<TrialKind, int>();
        foreach ((int round, TrialKind trial) in trials.Index())
        {
            SmtpLoad[] loads = [.. edges.Select((edge, i) => SmtpLoad.Start(edge.EndPoint, connections: 3, seed: (round * Of) + i, static r => r.Next(30) == 0 ? 100_000 : r.Next(100, 5000)))];
            int enough = random.Next(50, 200), one = random.Next(Of), before = queue.Repeated;
            await loads[0].WaitAsync(l => l.Accepted >= enough, Limit);
            await TryAsync(queue, trial, one, workers, edges, loads);
            foreach (SmtpLoad load in loads)
            {
                await load.StopAsync();
                queue.Remember(load);
                await load.DisposeAsync();
            }

            if (trial == TrialKind.EdgeKilled)
                edges[one] = await queue.StartEdgeAsync();
            await queue.AssertAllArriveAsync($"round {round + 1}, {trial} {one + 1}", mostRepeated: int.MaxValue);
            repeated[trial] = repeated.GetValueOrDefault(trial) + queue.Repeated - before;
        }

        await queue.AssertEmptyAsync();
        output.WriteLine($"seed {seed}, {Rounds} rounds; deliveries repeated after: {string.Join(", ", repeated.Select(static pair => $"{pair.Key} {pair.Value}"))}");
        foreach (RunningProgram program in workers.Concat(edges.Select(static edge => edge.Program)))
        {
            Assert.Equal(0, await program.StopAsync());
            await program.DisposeAsync();
        }

        // What a worker had its final dot out for may be repeated where it is killed, and where its node is lost; not where only an edge is.
        Assert.Equal(0, repeated.GetValueOrDefault(TrialKind.EdgeKilled));
        Assert.InRange(repeated.Values.Sum(), 0, Rounds * Of * BrokerUnderTest.Attempts);
    }

    private static async Task TryAsync(
        BrokerUnderTest queue, TrialKind trial, int one, RunningProgram[] workers, (RunningProgram Program, IPEndPoint EndPoint)[] edges, SmtpLoad[] loads)
    {
        RabbitMqNode node = queue.Broker.Nodes[one];
        switch (trial)
        {
            case TrialKind.WorkerKilled:
                workers[one].Kill();
                await workers[one].DisposeAsync();
                await GoOnAsync(loads);
                workers[one] = await queue.StartWorkerAsync();
                break;
            case TrialKind.EdgeKilled:
                edges[one].Program.Kill();
                await edges[one].Program.DisposeAsync();
                await GoOnAsync(loads);
                break;
            case TrialKind.NodeKilled:
                await node.KillAsync();
                await GoOnAsync(loads);
                await node.StartAsync();
                break;
            case TrialKind.NodeSilent:
                node.Freeze();
                await GoOnAsync(loads);
                node.Thaw();
                break;
            default:
                await node.CutOffAsync();
                await GoOnAsync(loads);
                await node.JoinAgainAsync();
                break;
        }
    }

    // At least one edge takes mail again, whatever is missing.
    private static async Task GoOnAsync(SmtpLoad[] loads)
    {
        int[] before = [.. loads.Select(static load => load.Accepted)];
        using var end = new CancellationTokenSource(Limit);
        while (!loads.Where((load, i) => load.Accepted >= before[i] + 50).Any())
            await Task.Delay(20, end.Token);
    }
}
