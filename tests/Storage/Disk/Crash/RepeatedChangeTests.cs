using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Files;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Tests.Disk.Crash;

/// <summary>
/// A closing with bounces that fails at one step, is asked for again as the queue does, fails at another step, and then the power goes:
/// the item is there without its bounces, or its bounces are there without it, with their content.
/// </summary>
public sealed class RepeatedChangeTests
{
    // From this length on bounces that share a content get a file for it.
    private static readonly byte[] Report = [.. Enumerable.Range(0, 20_000).Select(static i => (byte)(i * 7))];

    [Theory]
    [InlineData(DiskFault.InputOutput, DiskFault.InputOutput)]
    [InlineData(DiskFault.NoSpace, DiskFault.CrashAfter)]
    public async Task Closing_that_failed_twice_loses_neither_item_nor_bounces(DiskFault firstFault, DiskFault secondFault)
    {
        int firstSteps = 0, secondSteps = 0, runs = 0;
        // Until a fault lies behind the last step of an attempt.
        for (int first = 1; first - 1 <= firstSteps; first++)
        {
            secondSteps = 0;
            for (int second = 1; second - 1 <= secondSteps; second++)
            {
                // Another choice of what the cut keeps for each pair of steps.
                for (int cut = 0; cut < CurrentTier.Rounds(full: 1, many: 30); cut++, runs++)
                    (firstSteps, secondSteps) = await RunAsync(first, firstFault, second, secondFault, (cut * 10_000) + (first * 100) + second);
            }
        }

        Assert.True(runs > 100, $"only {runs} runs");
    }

    // How many steps each attempt made, as far as it came.
    private static async Task<(int First, int Second)> RunAsync(int first, DiskFault firstFault, int second, DiskFault secondFault, int seed)
    {
        var disk = new SimulatedDisk { Random = new Random(seed) };
        var layer = new FaultyFileLayer(disk);
        QueueItem item = Envelopes.MakeItem(Contents.InMemory("Subject: x\r\n\r\nx\r\n"u8.ToArray()));
        MessageContent report = Contents.InMemory(Report);
        QueueItem[] bounces = [Envelopes.MakeItem(report, "", "a@example.com"), Envelopes.MakeItem(report, "", "b@example.com")];
        int firstSteps, secondSteps;
        await using (DiskStorage storage = CrashSettings.Make(layer, journal: false))
        {
            await storage.StartAsync(CancellationToken.None);
            await storage.WriteAsync([item], CancellationToken.None);
            firstSteps = await CloseAsync(storage, layer, item, bounces, first, firstFault);
            secondSteps = await CloseAsync(storage, layer, item, bounces, second, secondFault);
            layer.Crash();
        }

        disk.PowerCut(seed);
        await using DiskStorage reopened = CrashSettings.Make(disk, journal: false);
        await reopened.StartAsync(CancellationToken.None);
        var loaded = new HashSet<QueueId>();
        await foreach (QueueEntry entry in reopened.LoadAsync(CancellationToken.None))
            loaded.Add(entry.Id);
        string what = $"{firstFault} at step {first} of {firstSteps}, {secondFault} at step {second} of {secondSteps}, cut {seed}";
        bool isClosed = !loaded.Contains(item.Envelope.Id);
        foreach (QueueItem bounce in bounces)
        {
            QueueItem? read = await reopened.ReadAsync(bounce.Envelope.Id, CancellationToken.None);
            Assert.True(read is not null == isClosed, $"{what}: closed {isClosed}, a bounce is there: {read is not null}");
            if (read is null)
                continue;
            Assert.True((await Contents.ReadAllAsync(read.Envelope.Content)).AsSpan().SequenceEqual(Report), $"{what}: another content");
            read.Envelope.Content.Release();
        }

        return (firstSteps, secondSteps);
    }

    private static async Task<int> CloseAsync(DiskStorage storage, FaultyFileLayer layer, QueueItem item, QueueItem[] bounces, int number, DiskFault fault)
    {
        int before = layer.Steps.Count;
        layer.FailAt(before + number, fault);
        DeliveryState closed = item.State with
        {
            Version = item.State.Version + 1,
            Recipients = [.. item.State.Recipients.Select(static _ => new RecipientStatus(RecipientPhase.Failed, new SmtpReply(550, "5.1.1", "no")))],
        };
        try
        {
            await storage.UpdateAsync(item.Envelope.Id, closed, bounces, CancellationToken.None);
        }
        catch (StorageException)
        {
            // Asked again, or the power goes.
        }

        return layer.Steps.Count - before;
    }
}
