using System.Net;
using SlimtaFast.TestKit.Aws;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>Several real processes on one queue in a real server of S3's protocol, killed again and again.</summary>
public sealed class S3QueueTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [FauxqsFact]
    public async Task Workers_and_servers_that_are_killed_lose_and_tear_nothing() => await KillAsync(await S3Backend.StartAsync());

    [CephFact]
    public async Task Workers_and_servers_that_are_killed_on_Ceph_lose_and_tear_nothing() => await KillAsync(await CephBackend.StartAsync());

    private async Task KillAsync(ISharedBackend backend)
    {
        await using var queue = new QueueUnderTest(backend, output);
        RunningProgram[] workers = [await queue.StartWorkerAsync(), await queue.StartWorkerAsync(), await queue.StartWorkerAsync()];
        try
        {
            int rounds = CurrentTier.Rounds(full: 2, many: 60);
            for (int round = 0; round < rounds; round++)
            {
                // By turns one that only receives and one that delivers what it receives: both die.
                (RunningProgram server, IPEndPoint endPoint) = round % 2 == 0 ? await queue.StartEdgeAsync() : await queue.StartServerAsync();
                await using (server)
                {
                    await using SmtpLoad load = SmtpLoad.Start(endPoint, connections: 5, seed: round, static random => random.Next(100, random.Next(10) == 0 ? 600_000 : 20_000));
                    int enough = new Random(round).Next(10, 80);
                    await load.WaitAsync(l => l.Accepted >= enough, Limit);
                    workers[round % workers.Length].Kill();
                    await workers[round % workers.Length].DisposeAsync();
                    workers[round % workers.Length] = await queue.StartWorkerAsync();
                    server.Kill();
                    await server.WaitForExitAsync(Limit);
                    await load.StopAsync();
                    queue.Remember(load);
                }
            }

            await queue.AssertAllArriveAsync($"{rounds} kills of workers and {rounds} of servers", mostRepeated: 2 * rounds * QueueUnderTest.Attempts);
            foreach (RunningProgram worker in workers)
                Assert.Equal(0, await worker.StopAsync());
        }
        finally
        {
            foreach (RunningProgram worker in workers)
                await worker.DisposeAsync();
        }
    }
}
