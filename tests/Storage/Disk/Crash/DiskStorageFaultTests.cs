using SlimtaFast.TestKit.Files;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Tests.Disk.Crash;

/// <summary>
/// A short life of a storage, stopped or disturbed at every step that it makes with the disk, and the power cut afterwards: no fault at
/// any step makes it break what it promised. The order of steps varies a little, since several threads make them.
/// </summary>
public sealed class DiskStorageFaultTests
{
    // Every step in the long tier; a prime apart otherwise, so that runs with other interleavings meet others.
    private static readonly int Stride = CurrentTier.Value switch
    {
        TestTier.Quick => 11,
        TestTier.Full => 7,
        _ => 1,
    };

    [Theory]
    [InlineData(DiskFault.CrashBefore, true)]
    [InlineData(DiskFault.CrashWithin, true)]
    [InlineData(DiskFault.CrashAfter, true)]
    [InlineData(DiskFault.CrashBefore, false)]
    [InlineData(DiskFault.CrashWithin, false)]
    [InlineData(DiskFault.CrashAfter, false)]
    public async Task Crash_at_any_step_then_power_cut_keeps_what_was_promised(DiskFault fault, bool journal)
    {
        int steps = await CountStepsAsync(journal);
        for (int number = 1; number <= steps; number += Stride)
        {
            for (int seed = 0; seed < (CurrentTier.Value == TestTier.Long ? 5 : 1); seed++)
            {
                var disk = new SimulatedDisk { Random = new Random(seed) };
                var layer = new FaultyFileLayer(disk);
                layer.FailAt(number, fault);
                var model = new StorageModel();
                await LiveAsync(layer, model, journal);
                disk.PowerCut(seed + number);
                await ReopenAsync(disk, model, journal, $"{fault} at step {number} of {steps}, cut {seed}");
            }
        }

        Assert.True(steps > 100);
    }

    [Theory]
    [InlineData(DiskFault.InputOutput, true)]
    [InlineData(DiskFault.NoSpace, true)]
    [InlineData(DiskFault.ShortWrite, true)]
    [InlineData(DiskFault.InputOutput, false)]
    [InlineData(DiskFault.NoSpace, false)]
    [InlineData(DiskFault.ShortWrite, false)]
    public async Task Failure_of_any_step_then_power_cut_keeps_what_was_promised(DiskFault fault, bool journal)
    {
        int steps = await CountStepsAsync(journal);
        for (int number = 1; number <= steps; number += Stride)
        {
            var disk = new SimulatedDisk { Random = new Random(number) };
            var layer = new FaultyFileLayer(disk);
            layer.FailAt(number, fault);
            var model = new StorageModel();
            await LiveAsync(layer, model, journal);
            disk.PowerCut(number);
            await ReopenAsync(disk, model, journal, $"{fault} at step {number} of {steps}");
        }

        Assert.True(steps > 100);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kill_at_any_step_keeps_what_was_promised(bool journal)
    {
        int steps = await CountStepsAsync(journal);
        for (int number = 1; number <= steps; number += Stride)
        {
            var disk = new SimulatedDisk();
            var layer = new FaultyFileLayer(disk);
            layer.FailAt(number, DiskFault.CrashWithin);
            var model = new StorageModel();
            await LiveAsync(layer, model, journal);
            disk.EndProcess();
            await ReopenAsync(disk, model, journal, $"kill at step {number} of {steps}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Crash_at_any_step_of_recovery_keeps_what_was_promised(bool journal)
    {
        int stride = CurrentTier.Value == TestTier.Long ? 1 : 3;
        int steps = 1;
        for (int number = 1; number <= steps; number += stride)
        {
            var disk = new SimulatedDisk();
            var first = new FaultyFileLayer(disk);
            first.FailAt(170, DiskFault.CrashBefore);
            var model = new StorageModel();
            await LiveAsync(first, model, journal);
            disk.PowerCut(number);

            var second = new FaultyFileLayer(disk);
            second.FailAt(number, DiskFault.CrashAfter);
            DiskStorage storage = CrashSettings.Make(second, journal: journal);
            try
            {
                await storage.StartAsync(CancellationToken.None);
            }
            catch (StorageException)
            {
                // The process dies at start; the next one tries again.
            }

            await storage.DisposeAsync();
            steps = Math.Max(steps, second.HasCrashed ? number + stride : 0);
            disk.PowerCut(number + 1);
            await ReopenAsync(disk, model, journal, $"recovery stopped at step {number} of {steps}");
        }

        Assert.True(steps > 10);
    }

    private static async Task<int> CountStepsAsync(bool journal)
    {
        var layer = new FaultyFileLayer(new SimulatedDisk());
        await LiveAsync(layer, new StorageModel(), journal);
        return layer.Steps.Count;
    }

    private static async Task LiveAsync(FaultyFileLayer layer, StorageModel model, bool journal)
    {
        DiskStorage storage = CrashSettings.Make(layer, journal: journal);
        try
        {
            while (true)
            {
                try
                {
                    await storage.StartAsync(CancellationToken.None);
                    break;
                }
                catch (StorageException) when (!layer.HasCrashed)
                {
                    // A single failure: started again by whoever watches over it.
                }
            }
        }
        catch (StorageException)
        {
            return;
        }

        await UseAsync(storage, model);
        await storage.DisposeAsync();
    }

    // Everything that a storage does, in an order in which it matters: groups, large contents, states, bounces, closings, removals, and
    // enough of it that segments are filled, sealed, emptied into copies and files, and freed.
    private static async Task UseAsync(IQueueStorage storage, StorageModel model)
    {
        await model.WriteAsync(storage, 1, 500);
        await model.WriteAsync(storage, 3, 4000);
        await model.WriteAsync(storage, 1, 20_000, begunThere: true);
        await model.WriteAsync(storage, 2, 9_000, begunThere: true);
        for (int round = 0; round < 6; round++)
        {
            TrackedItem[] open = [.. model.Open];
            if (open.Length > 0)
                await model.UpdateAsync(storage, open[round % open.Length], close: false, bounces: round % 3);
            await Task.WhenAll(model.WriteAsync(storage, 1, 6000), model.WriteAsync(storage, 2, 3000 + round), model.WriteAsync(storage, 1, 100));
            open = [.. model.Open];
            if (open.Length > 4)
            {
                await model.UpdateAsync(storage, open[open.Length / 2], close: true, bounces: round % 2);
                await StorageModel.RemoveAsync(storage, open[^1]);
                await model.UpdateAsync(storage, open[^2], close: true, bounces: 0);
            }
        }
    }

    private static async Task ReopenAsync(SimulatedDisk disk, StorageModel model, bool journal, string context)
    {
        await using DiskStorage storage = CrashSettings.Make(disk, journal: journal);
        await storage.StartAsync(CancellationToken.None);
        await model.CheckAsync(storage, context);
        Assert.True(await model.WriteAsync(storage, 1, 700), $"{context}: no new mail after recovery: {storage.GetInfo().Problem}");
        await model.CheckAsync(storage, context + ", with new mail");
    }
}
