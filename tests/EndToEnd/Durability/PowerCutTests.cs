using System.Net;
using SlimtaFast.TestKit.Files;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.EndToEnd.Tests.Durability;

/// <summary>
/// The power goes at random moments under load: the spool's file system is stopped without flushing its log, mounted again, and the next
/// server recovers. Every acknowledged message arrives, none is torn.
/// </summary>
public sealed class PowerCutTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [LoopMountFact("mkfs.ext4")]
    public Task Power_cut_on_ext4_loses_and_tears_nothing() => CutAsync("ext4", relaying: false);

    [LoopMountFact("mkfs.xfs")]
    public Task Power_cut_on_xfs_loses_and_tears_nothing() => CutAsync("xfs", relaying: false);

    [LoopMountFact("mkfs.ext4")]
    public Task Power_cut_on_ext4_while_relaying_loses_and_tears_nothing() => CutAsync("ext4", relaying: true);

    private async Task CutAsync(string type, bool relaying)
    {
        using var folder = new TemporaryFolder();
        await using LoopImage image = await LoopImage.CreateAsync(folder, type, megabytes: 2048);
        await using var spool = new SpoolUnderTest(image.MountPoint, output);
        int rounds = CurrentTier.Rounds(full: 3, many: 100);
        for (int round = 0; round < rounds; round++)
        {
            (RunningProgram program, IPEndPoint endPoint) = await (relaying ? spool.StartRelayingAsync() : spool.StartHoldingAsync());
            await using (program)
            {
                await using SmtpLoad load = SmtpLoad.Start(endPoint, connections: 20, seed: round);
                int enough = new Random(round).Next(1, 600);
                await load.WaitAsync(l => l.Accepted >= enough, Limit);
                image.CutPower();
                // The server goes on for a while with a disk that is gone: what it says now must be true as well.
                await load.WaitAsync(l => l.HasEnded || l.Messages.Any(message => message.Outcome == LoadOutcome.Refused), Limit);
                program.Kill();
                await program.WaitForExitAsync(Limit);
                await load.StopAsync();
                spool.Remember(load);
            }

            await image.UnmountAsync();
            await image.MountAsync();
        }

        await spool.AssertAllArriveAsync($"{rounds} power cuts on {type}{(relaying ? " while relaying" : "")}");
    }
}
