using System.Globalization;
using System.Net;
using SlimtaFast.TestKit.Files;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using Xunit.Abstractions;

namespace SlimtaFast.EndToEnd.Tests.Durability;

/// <summary>A disk that is full, without inodes or read-only: new mail is refused with the right reply, queued mail stays, and service resumes.</summary>
public sealed class FailingDiskTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [LoopMountFact("mkfs.ext4")]
    public async Task Full_disk_answers_452_and_resumes_by_itself()
    {
        using var folder = new TemporaryFolder();
        await using LoopImage image = await LoopImage.CreateAsync(folder, "ext4", megabytes: 1024);
        await using var spool = new SpoolUnderTest(image.MountPoint, output);
        (RunningProgram program, IPEndPoint endPoint) = await spool.StartHoldingAsync();
        await using (program)
        {
            await using SmtpLoad load = SmtpLoad.Start(endPoint, connections: 8, seed: 1, random => random.Next(20_000, 200_000));
            await load.WaitAsync(l => l.Accepted >= 50, Limit);
            string filler = Path.Combine(image.MountPoint, "filler");
            FillUp(filler);
            await load.WaitAsync(l => l.Messages.Count(message => message.Outcome == LoadOutcome.Refused) >= 20, Limit);
            Assert.All(load.Messages.Where(message => message.Outcome == LoadOutcome.Refused), message => Assert.StartsWith("452 4.3.1", message.Reply, StringComparison.Ordinal));

            File.Delete(filler);
            int before = load.Accepted;
            await load.WaitAsync(l => l.Accepted >= before + 50, Limit);
            await load.StopAsync();
            spool.Remember(load);
            Assert.Equal(0, await program.StopAsync());
        }

        await spool.AssertAllArriveAsync("full disk");
        Assert.Equal(0, spool.Sink.Duplicates);
    }

    [LoopMountFact("mkfs.ext4")]
    public async Task Disk_without_inodes_answers_452_and_resumes_by_itself()
    {
        using var folder = new TemporaryFolder();
        await using LoopImage image = await LoopImage.CreateAsync(folder, "ext4", megabytes: 1024, "defaults", "-N", "1024");
        await using var spool = new SpoolUnderTest(image.MountPoint, output);
        (RunningProgram program, IPEndPoint endPoint) = await spool.StartHoldingAsync();
        await using (program)
        {
            // Large enough to get a file each.
            await using SmtpLoad load = SmtpLoad.Start(endPoint, connections: 4, seed: 3, random => random.Next(300_000, 400_000));
            await load.WaitAsync(l => l.Accepted >= 20, Limit);
            string fillers = Directory.CreateDirectory(Path.Combine(image.MountPoint, "fillers")).FullName;
            TakeAllInodes(fillers);
            await load.WaitAsync(l => l.Messages.Count(message => message.Outcome == LoadOutcome.Refused) >= 20, Limit);
            Assert.All(load.Messages.Where(message => message.Outcome == LoadOutcome.Refused), message => Assert.StartsWith("452 4.3.1", message.Reply, StringComparison.Ordinal));
            Assert.True(new DriveInfo(image.MountPoint).AvailableFreeSpace > 100_000_000);

            Directory.Delete(fillers, recursive: true);
            int before = load.Accepted;
            await load.WaitAsync(l => l.Accepted >= before + 20, Limit);
            await load.StopAsync();
            spool.Remember(load);
            Assert.Equal(0, await program.StopAsync());
        }

        await spool.AssertAllArriveAsync("no inodes");
        Assert.Equal(0, spool.Sink.Duplicates);
    }

    [LoopMountFact("mkfs.ext4", "e2fsck", "losetup")]
    public async Task Read_only_disk_answers_451_or_452_and_keeps_queued_mail()
    {
        using var folder = new TemporaryFolder();
        await using LoopImage image = await LoopImage.CreateAsync(folder, "ext4", megabytes: 1024, "errors=remount-ro");
        await using var spool = new SpoolUnderTest(image.MountPoint, output);
        (RunningProgram program, IPEndPoint endPoint) = await spool.StartHoldingAsync();
        await using (program)
        {
            await using SmtpLoad load = SmtpLoad.Start(endPoint, connections: 8, seed: 2);
            await load.WaitAsync(l => l.Accepted >= 50, Limit);
            await image.MakeReadOnlyByErrorAsync();
            await load.WaitAsync(l => l.Messages.Count(message => message.Outcome == LoadOutcome.Refused) >= 20, Limit);
            Assert.All(
                load.Messages.Where(message => message.Outcome == LoadOutcome.Refused),
                message => Assert.True(message.Reply!.StartsWith("451 4.3", StringComparison.Ordinal) || message.Reply.StartsWith("452 4.3", StringComparison.Ordinal), message.Reply));
            await load.StopAsync();
            spool.Remember(load);
            await program.StopAsync();
        }

        await image.UnmountAsync();
        await image.RepairAsync();
        await image.MountAsync();
        await spool.AssertAllArriveAsync("read-only disk");
    }

    private static void TakeAllInodes(string folder)
    {
        int made = 0;
        try
        {
            while (made < 100_000)
                File.Create(Path.Combine(folder, (made++).ToString(CultureInfo.InvariantCulture))).Dispose();
        }
        catch (IOException)
        {
            Assert.InRange(made, 2, 1024);
            return;
        }

        Assert.Fail("The file system has inodes without end.");
    }

    // First in large pieces, then to the last block.
    private static void FillUp(string path)
    {
        using FileStream file = File.Create(path, 1);
        byte[] piece = new byte[1024 * 1024];
        for (int size = piece.Length; size >= 512; size /= 2)
        {
            try
            {
                while (true)
                    file.Write(piece, 0, size);
            }
            catch (IOException)
            {
                // Full for pieces of this size; a file system has a little more for smaller ones.
            }
        }

        Assert.True(file.Length > piece.Length, file.Length.ToString(CultureInfo.InvariantCulture));
    }
}
