using System.Net;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.EndToEnd.Tests.Durability;

/// <summary>kill -9 at random under load, again and again on one spool: every acknowledged message arrives, none is torn.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [FullFact]
    public async Task Kill_while_accepting_by_http_loses_and_tears_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var spool = new SpoolUnderTest(folder.Path, output);
        int rounds = CurrentTier.Rounds(full: 4, many: 100);
        for (int round = 0; round < rounds; round++)
            await LoadAndKillAsync(spool, relaying: false, round, http: true);
        await spool.AssertAllArriveAsync($"{rounds} kills while accepting by HTTP");
        Assert.Equal(0, spool.Sink.Duplicates);
    }

    [FullFact]
    public async Task Kill_while_accepting_by_http_and_relaying_loses_and_tears_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var spool = new SpoolUnderTest(folder.Path, output);
        int rounds = CurrentTier.Rounds(full: 4, many: 100);
        for (int round = 0; round < rounds; round++)
            await LoadAndKillAsync(spool, relaying: true, round, http: true);
        await spool.AssertAllArriveAsync($"{rounds} kills while accepting by HTTP and relaying");
    }

    [FullFact]
    public async Task Kill_while_accepting_loses_and_tears_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var spool = new SpoolUnderTest(folder.Path, output);
        int rounds = CurrentTier.Rounds(full: 4, many: 200);
        for (int round = 0; round < rounds; round++)
            await LoadAndKillAsync(spool, relaying: false, round);
        await spool.AssertAllArriveAsync($"{rounds} kills while accepting");
        Assert.Equal(0, spool.Sink.Duplicates);
    }

    [FullFact]
    public async Task Kill_while_accepting_and_relaying_loses_and_tears_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var spool = new SpoolUnderTest(folder.Path, output);
        int rounds = CurrentTier.Rounds(full: 4, many: 200);
        for (int round = 0; round < rounds; round++)
            await LoadAndKillAsync(spool, relaying: true, round);
        await spool.AssertAllArriveAsync($"{rounds} kills while accepting and relaying");
    }

    [FullFact]
    public async Task Graceful_stop_under_load_loses_and_repeats_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var spool = new SpoolUnderTest(folder.Path, output);
        for (int round = 0; round < 2; round++)
        {
            (RunningProgram program, IPEndPoint endPoint) = await spool.StartRelayingAsync();
            await using (program)
            {
                await using SmtpLoad load = SmtpLoad.Start(endPoint, connections: 10, seed: round);
                await load.WaitAsync(l => l.Accepted >= 300, Limit);
                Assert.Equal(0, await program.StopAsync());
                await load.StopAsync();
                spool.Remember(load);
            }
        }

        await spool.AssertAllArriveAsync("2 graceful stops under load");
        Assert.Equal(0, spool.Sink.Duplicates);
    }

    // The moment is that of a random acknowledgement, when the other connections are anywhere.
    private static async Task LoadAndKillAsync(SpoolUnderTest spool, bool relaying, int round, bool http = false)
    {
        string listen = http ? SpoolUnderTest.ByHttp : SpoolUnderTest.BySmtp;
        (RunningProgram program, IPEndPoint endPoint) = await (relaying ? spool.StartRelayingAsync(listen) : spool.StartHoldingAsync(listen));
        await using (program)
        {
            await using MailLoad load = http ? HttpLoad.Start(endPoint, connections: 20, seed: round) : SmtpLoad.Start(endPoint, connections: 20, seed: round);
            int enough = new Random(round).Next(1, 600);
            await load.WaitAsync(l => l.Accepted >= enough, Limit);
            program.Kill();
            await program.WaitForExitAsync(Limit);
            await load.StopAsync();
            spool.Remember(load);
        }
    }
}
