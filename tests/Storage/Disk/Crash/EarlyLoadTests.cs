using SlimtaFast.Mail;
using SlimtaFast.TestKit.Files;

namespace SlimtaFast.Storage.Tests.Disk.Crash;

/// <summary>The first items of a large spool come before its folder is listed to the end.</summary>
public sealed class EarlyLoadTests
{
    private const int Many = 200;
    private const int Large = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task First_items_come_before_the_list_is_complete_and_each_once_though_some_are_closed_meanwhile(bool journal)
    {
        var disk = new SimulatedDisk();
        StorageModel model = await FilledAsync(disk);
        using var listing = new ManualResetEventSlim();
        var loaded = new List<QueueId>();
        var inTurn = new List<QueueId>();
        await using (DiskStorage storage = CrashSettings.Make(Paused(disk, listing), journal: journal, largeSpool: Large))
        {
            await storage.StartAsync(CancellationToken.None);
            await using IAsyncEnumerator<QueueEntry> loading = storage.LoadAsync(CancellationToken.None).GetAsyncEnumerator();
            try
            {
                for (int i = 0; i < 10; i++)
                {
                    Assert.True(await loading.MoveNextAsync().AsTask().WaitAsync(Patience));
                    loaded.Add(loading.Current.Id);
                    Assert.True(loading.Current.IsEarly);
                }

                Assert.Equal(loaded.Order(), loaded);
                foreach (QueueId id in loaded.Take(5))
                    Assert.True(await StorageModel.RemoveAsync(storage, model.Items.Single(item => item.Id == id)));
            }
            finally
            {
                listing.Set();
            }

            while (await loading.MoveNextAsync().AsTask().WaitAsync(Patience))
            {
                loaded.Add(loading.Current.Id);
                if (!loading.Current.IsEarly)
                    inTurn.Add(loading.Current.Id);
            }

            // Who goes on behind the last name must be able to tell the others.
            Assert.Equal(inTurn.Order(), inTurn);
            Assert.Equal(Many, loaded.Count);
            Assert.Equal(Many, loaded.Distinct().Count());
            Assert.Equal(Many - 5, storage.GetInfo().Items);
        }

        await using DiskStorage reopened = CrashSettings.Make(disk, journal: journal);
        await reopened.StartAsync(CancellationToken.None);
        await model.CheckAsync(reopened, "after closings during the scan");
    }

    [Fact]
    public async Task Who_loads_after_the_first_went_ahead_gets_them_at_once_too_and_each_once()
    {
        var disk = new SimulatedDisk();
        await FilledAsync(disk);
        using var listing = new ManualResetEventSlim();
        await using DiskStorage storage = CrashSettings.Make(Paused(disk, listing), largeSpool: Large);
        await storage.StartAsync(CancellationToken.None);
        IAsyncEnumerator<QueueEntry> first = storage.LoadAsync(CancellationToken.None).GetAsyncEnumerator();
        IAsyncEnumerator<QueueEntry> late = storage.LoadAsync(CancellationToken.None).GetAsyncEnumerator();
        try
        {
            Assert.True(await first.MoveNextAsync().AsTask().WaitAsync(Patience));
            Assert.True(await late.MoveNextAsync().AsTask().WaitAsync(Patience));
        }
        finally
        {
            listing.Set();
        }

        Assert.Equal(first.Current, late.Current);
        await first.DisposeAsync();
        var loaded = new List<QueueId> { late.Current.Id };
        while (await late.MoveNextAsync().AsTask().WaitAsync(Patience))
            loaded.Add(late.Current.Id);
        await late.DisposeAsync();
        Assert.Equal(Many, loaded.Count);
        Assert.Equal(Many, loaded.Distinct().Count());
    }

    [Fact]
    public async Task A_scan_that_fails_after_the_first_went_ahead_is_begun_again_and_names_each_item_once()
    {
        var disk = new SimulatedDisk();
        await FilledAsync(disk);
        int lists = 0;
        var layer = new FaultyFileLayer(disk)
        {
            Plan = step => IsListOfStates(step) && Interlocked.Increment(ref lists) == 1 ? DiskFault.InputOutput : DiskFault.None,
        };
        await using DiskStorage storage = CrashSettings.Make(layer, largeSpool: Large);
        await storage.StartAsync(CancellationToken.None);
        var loaded = new List<QueueId>();
        await using IAsyncEnumerator<QueueEntry> loading = storage.LoadAsync(CancellationToken.None).GetAsyncEnumerator();
        while (await loading.MoveNextAsync().AsTask().WaitAsync(Patience))
            loaded.Add(loading.Current.Id);
        Assert.True(lists > 1);
        Assert.Equal(Many, loaded.Count);
        Assert.Equal(Many, loaded.Distinct().Count());
    }

    // A list is not complete before that of the states, which comes behind the envelopes'.
    private static bool IsListOfStates(DiskStep step) => step.Kind == DiskStepKind.List && step.Path == "/spool/meta";

    private static FaultyFileLayer Paused(SimulatedDisk disk, ManualResetEventSlim listing) => new(disk)
    {
        Plan = step =>
        {
            if (IsListOfStates(step))
                listing.Wait();
            return DiskFault.None;
        },
    };

    private static async Task<StorageModel> FilledAsync(SimulatedDisk disk)
    {
        var model = new StorageModel();
        await using DiskStorage storage = CrashSettings.Make(disk, journal: false);
        await storage.StartAsync(CancellationToken.None);
        for (int i = 0; i < Many; i++)
            Assert.True(await model.WriteAsync(storage, 1, 100));
        return model;
    }
}
