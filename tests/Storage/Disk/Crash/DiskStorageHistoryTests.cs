using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.TestKit.Files;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Tests.Disk.Crash;

/// <summary>Random histories of a storage with crashes, power cuts, failures and restarts in them, held against a model after each.</summary>
public sealed class DiskStorageHistoryTests
{
    [Property(MaxTest = 12)]
    public Property Any_history_keeps_what_was_promised_with_a_journal() =>
        Prop.ForAll(Seeds, static seed => RunAsync(seed, journal: true).GetAwaiter().GetResult());

    [Property(MaxTest = 6)]
    public Property Any_history_keeps_what_was_promised_without_a_journal() =>
        Prop.ForAll(Seeds, static seed => RunAsync(seed, journal: false).GetAwaiter().GetResult());

    // Each once went wrong, where threads happened to meet in a certain way.
    [Theory]
    [InlineData(410156061, false)]
    [InlineData(788186478, false)]
    [InlineData(1513459288, false)]
    [InlineData(116371849, true)]
    [InlineData(1850653716, true)]
    public async Task Known_histories_keep_what_was_promised(int seed, bool journal)
    {
        for (int i = 0; i < CurrentTier.Rounds(3, 100); i++)
            await RunAsync(seed, journal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_histories_keep_what_was_promised(bool journal)
    {
        int first = Random.Shared.Next();
        for (int i = 0; i < CurrentTier.Rounds(1, 4000); i++)
            await RunAsync((first + i) & int.MaxValue, journal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_users_at_once_and_a_power_cut_in_the_middle_keep_what_was_promised(bool journal)
    {
        for (int seed = 1; seed <= CurrentTier.Rounds(8, 200); seed++)
        {
            var random = new Random(seed);
            var disk = new SimulatedDisk { Random = new Random(seed) };
            var layer = new FaultyFileLayer(disk);
            layer.FailAt(random.Next(60, 1500), DiskFault.CrashWithin);
            StorageModel[] models = [.. Enumerable.Range(0, 12).Select(static _ => new StorageModel())];
            DiskStorage storage = CrashSettings.Make(layer, segments: 10, journal: journal);
            if (await TryStartAsync(storage))
                await Task.WhenAll(models.Select((model, i) => Task.Run(() => UseAsync(storage, model, new Random((seed * 100) + i)))));
            await storage.DisposeAsync();
            disk.PowerCut(seed);
            await using DiskStorage reopened = CrashSettings.Make(disk, segments: 10, journal: journal);
            await reopened.StartAsync(CancellationToken.None);
            await StorageModel.Merge(models).CheckAsync(reopened, $"seed {seed}");
        }
    }

    private static Arbitrary<int> Seeds => Gen.Choose(0, int.MaxValue).ToArbitrary();

    private static async Task RunAsync(int seed, bool journal)
    {
        var random = new Random(seed);
        var disk = new SimulatedDisk { Random = new Random(seed) };
        var model = new StorageModel();
        const int lives = 5;
        for (int life = 0; life < lives; life++)
        {
            var layer = new FaultyFileLayer(disk);
            if (random.Next(4) > 0)
                layer.FailAt(random.Next(1, 250), (DiskFault)random.Next(1, 7));
            DiskStorage storage = CrashSettings.Make(layer, segments: random.Next(5, 9), journal: journal);
            if (await TryStartAsync(storage))
                await UseAsync(storage, model, random);
            if (random.Next(3) == 0)
                layer.Crash();
            await storage.DisposeAsync();
            if (random.Next(2) == 0)
                disk.PowerCut(random.Next());
            else
                disk.EndProcess();

            await using DiskStorage reopened = CrashSettings.Make(disk, journal: journal);
            await reopened.StartAsync(CancellationToken.None);
            await model.CheckAsync(reopened, $"seed {seed}, life {life}");
            await model.AdoptAsync(reopened);
        }
    }

    private static async Task<bool> TryStartAsync(DiskStorage storage)
    {
        try
        {
            await storage.StartAsync(CancellationToken.None);
            return true;
        }
        catch (StorageException)
        {
            return false;
        }
    }

    private static async Task UseAsync(DiskStorage storage, StorageModel model, Random random)
    {
        int operations = random.Next(4, 30);
        for (int i = 0; i < operations; i++)
        {
            TrackedItem[] open = [.. model.Open];
            switch (open.Length < 3 ? 0 : random.Next(7))
            {
                case 0 or 1:
                    await Task.WhenAll(
                        model.WriteAsync(storage, random.Next(1, 4), random.Next(1, 12_000)),
                        model.WriteAsync(storage, 1, random.Next(1, 3000)));
                    break;
                case 2:
                    await model.WriteAsync(storage, random.Next(1, 3), random.Next(1, 40_000), begunThere: true);
                    break;
                case 3:
                    await model.UpdateAsync(storage, open[random.Next(open.Length)], close: false, bounces: random.Next(3));
                    break;
                case 4 or 5:
                    await model.UpdateAsync(storage, open[random.Next(open.Length)], close: true, bounces: random.Next(2));
                    break;
                default:
                    await StorageModel.RemoveAsync(storage, open[random.Next(open.Length)]);
                    break;
            }
        }
    }
}
