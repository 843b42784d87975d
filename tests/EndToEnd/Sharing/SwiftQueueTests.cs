using System.Net;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>One real process at a time on a queue in a real Swift, killed again and again.</summary>
public sealed class SwiftQueueTests(ITestOutputHelper output)
{
    private const int Rounds = 8;
    private const int Connections = 5;

    // A message of the load has four recipients at three domains at most: its items beside the first one.
    private const int MostSiblings = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    // Each start after a kill waits a minute for the place of the one that was killed.
    [LongFact("swift-proxy-server", "swift-account-server", "swift-container-server", "swift-object-server", "swift-ring-builder", "memcached")]
    public async Task Servers_that_are_killed_lose_and_tear_nothing()
    {
        SwiftBackend backend = await SwiftBackend.StartAsync();
        await using var queue = new QueueUnderTest(backend, output);
        for (int round = 0; round < Rounds; round++)
        {
            // By turns one that only receives and one that delivers what it receives.
            (RunningProgram server, IPEndPoint endPoint) = round % 2 == 0 ? await queue.StartEdgeAsync() : await queue.StartServerAsync();
            await using RunningProgram owned = server;
            await using SmtpLoad load = SmtpLoad.Start(endPoint, Connections, seed: round, static random => random.Next(100, random.Next(10) == 0 ? 600_000 : 20_000));
            int enough = new Random(round).Next(10, 60);
            await load.WaitAsync(l => l.Accepted >= enough, Limit);
            server.Kill();
            await server.WaitForExitAsync(Limit);
            await load.StopAsync();
            queue.Remember(load);
        }

        // One dies over what they left; the next one delivers it all.
        (RunningProgram killed, _) = await queue.StartServerAsync();
        await using (killed)
        {
            await queue.Sink.WaitForCountAsync(queue.Sink.Messages + 5, Limit);
            killed.Kill();
            await killed.WaitForExitAsync(Limit);
        }

        (RunningProgram last, _) = await queue.StartServerAsync();
        await using RunningProgram survivor = last;
        await queue.AssertAllArriveAsync($"{Rounds + 1} kills of servers", mostRepeated: (Rounds + 1) * QueueUnderTest.Attempts);
        output.WriteLine($"{backend.Leftovers} records left of closed items and of writes that were cut short");
        Assert.InRange(backend.Leftovers, 0, (Rounds + 1) * ((Connections * MostSiblings) + QueueUnderTest.Attempts));
        Assert.Equal(0, await survivor.StopAsync());
        Assert.Equal(0, await backend.CountAllAsync());
    }
}
