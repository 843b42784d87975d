using SlimtaFast.TestKit.Files;

namespace SlimtaFast.Storage.Tests.Disk.Crash;

/// <summary>Full disks, full journals, failing flushes and many segments: what is refused, why, and that it ends by itself.</summary>
public sealed class DiskStorageLimitTests
{
    [Fact]
    public async Task Full_journal_refuses_new_mail_as_full_and_takes_outcomes()
    {
        var disk = new SimulatedDisk();
        // Nothing can become files, so that the journal fills up.
        var layer = new FaultyFileLayer(disk) { Plan = static step => step.Path.EndsWith(".part", StringComparison.Ordinal) ? DiskFault.NoSpace : DiskFault.None };
        await using DiskStorage storage = CrashSettings.Make(layer);
        await storage.StartAsync(CancellationToken.None);
        var model = new StorageModel();
        StorageException? refusal = null;
        for (int i = 0; i < 1000 && refusal is null; i++)
            refusal = await TryWriteAsync(storage, model, 8000);
        Assert.NotNull(refusal);
        Assert.Equal(StorageFailure.Full, refusal.Failure);

        TrackedItem[] stored = [.. model.Open];
        Assert.True(await model.UpdateAsync(storage, stored[0], close: false, bounces: 1));
        foreach (TrackedItem item in stored)
            Assert.True(await StorageModel.RemoveAsync(storage, item), "an outcome was refused");
        layer.Plan = static _ => DiskFault.None;
        await UntilAsync(() => storage.GetInfo().AcceptsNew);
        Assert.Null(await TryWriteAsync(storage, model, 8000));
        await model.CheckAsync(storage, "after the journal was full");
    }

    [Fact]
    public async Task Backlog_larger_than_the_journal_becomes_files()
    {
        var disk = new SimulatedDisk();
        var model = new StorageModel();
        await using (DiskStorage storage = CrashSettings.Make(disk))
        {
            await storage.StartAsync(CancellationToken.None);
            for (int i = 0; i < 150; i++)
                await UntilAcceptedAsync(storage, model, i % 5 == 0 ? 2 : 1, 6000);
            await model.CheckAsync(storage, "with a backlog in files");
        }

        disk.PowerCut(1);
        await using DiskStorage reopened = CrashSettings.Make(disk);
        await reopened.StartAsync(CancellationToken.None);
        await model.CheckAsync(reopened, "after a restart");
        foreach (TrackedItem item in model.Items)
            Assert.True(await StorageModel.RemoveAsync(reopened, item));
        await UntilAsync(() => disk.CountFiles("/spool/env", ".env") == 0);
    }

    [Fact]
    public async Task Failed_flush_fails_its_batch_for_good_and_the_next_mail_is_taken()
    {
        var disk = new SimulatedDisk();
        var layer = new FaultyFileLayer(disk);
        var model = new StorageModel();
        await using (DiskStorage storage = CrashSettings.Make(layer))
        {
            await storage.StartAsync(CancellationToken.None);
            Assert.Null(await TryWriteAsync(storage, model, 500));
            layer.Plan = static step => step.Kind == DiskStepKind.Flush && step.Path.StartsWith("/spool/journal", StringComparison.Ordinal)
                ? DiskFault.InputOutput
                : DiskFault.None;
            StorageException? failure = await TryWriteAsync(storage, model, 600);
            Assert.Equal(StorageFailure.Unavailable, failure?.Failure);
            layer.Plan = static _ => DiskFault.None;
            // The next segment may have failed with it, and is tried again after a while.
            await UntilAcceptedAsync(storage, model, 1, 700);
        }

        await using DiskStorage reopened = CrashSettings.Make(disk);
        await reopened.StartAsync(CancellationToken.None);
        await model.CheckAsync(reopened, "after a failed flush");
        Assert.Equal(2, reopened.GetInfo().Items);
        Assert.Null(reopened.GetInfo().Problem);
    }

    [Fact]
    public async Task Read_only_disk_refuses_new_mail_until_it_is_writable_again()
    {
        var disk = new SimulatedDisk();
        var model = new StorageModel();
        await using DiskStorage storage = CrashSettings.Make(disk);
        await storage.StartAsync(CancellationToken.None);
        Assert.Null(await TryWriteAsync(storage, model, 500));
        disk.IsReadOnly = true;
        Assert.Equal(StorageFailure.Unavailable, (await TryWriteAsync(storage, model, 500))?.Failure);
        Assert.False(storage.GetInfo().AcceptsNew);
        disk.IsReadOnly = false;
        await UntilAcceptedAsync(storage, model, 1, 500);
        await model.CheckAsync(storage, "after a read-only time");
    }

    [Fact]
    public async Task Full_disk_refuses_new_mail_as_full_until_there_is_room()
    {
        var disk = new SimulatedDisk();
        var model = new StorageModel();
        await using DiskStorage storage = CrashSettings.Make(disk, segments: 50);
        await storage.StartAsync(CancellationToken.None);
        Assert.Null(await TryWriteAsync(storage, model, 500));
        disk.Capacity = disk.UsedBytes;
        StorageException? refusal = null;
        for (int i = 0; i < 200 && refusal is null; i++)
            refusal = await TryWriteAsync(storage, model, 8000);
        Assert.Equal(StorageFailure.Full, refusal?.Failure);
        disk.Capacity = long.MaxValue;
        await UntilAcceptedAsync(storage, model, 1, 8000);
        await model.CheckAsync(storage, "after a full disk");
    }

    [Fact]
    public async Task Second_storage_is_kept_out_by_the_lock_and_told_which()
    {
        var disk = new SimulatedDisk();
        await using DiskStorage storage = CrashSettings.Make(disk);
        await storage.StartAsync(CancellationToken.None);
        DiskStorage second = CrashSettings.Make(disk);
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => second.StartAsync(CancellationToken.None));
        Assert.Contains(".lock", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_reads_the_indexes_of_full_segments_and_one_segment_whole()
    {
        var disk = new SimulatedDisk();
        var model = new StorageModel();
        await using (DiskStorage storage = CrashSettings.Make(disk, segments: 60))
        {
            await storage.StartAsync(CancellationToken.None);
            for (int i = 0; i < 120; i++)
                Assert.Null(await TryWriteAsync(storage, model, 8000));
        }

        var layer = new FaultyFileLayer(disk);
        await using DiskStorage reopened = CrashSettings.Make(layer, segments: 60);
        await reopened.StartAsync(CancellationToken.None);
        int reads = layer.Steps.Count(static step => step.Kind == DiskStepKind.Read && step.Path.EndsWith(".seg", StringComparison.Ordinal));
        Assert.InRange(reads, 4 * 17, 5 * 30);
        await model.CheckAsync(reopened, "after a restart with many segments");
    }

    [Fact]
    public async Task Bit_flipped_in_the_journal_is_reported_and_kept_in_the_quarantine()
    {
        var disk = new SimulatedDisk();
        var model = new StorageModel();
        await using (DiskStorage storage = CrashSettings.Make(disk))
        {
            await storage.StartAsync(CancellationToken.None);
            for (int i = 0; i < 4; i++)
                Assert.Null(await TryWriteAsync(storage, model, 3000));
            disk.EndProcess();
        }

        // The second batch of the only segment in use, which was not sealed.
        string segment = disk.Files("/spool/journal", ".seg").Single(path => disk.ReadAll(path).AsSpan(8192, 4).SequenceEqual("SFJB"u8));
        disk.Flip(segment, 8192 + 4096 + 2000);
        await using DiskStorage reopened = CrashSettings.Make(disk);
        await reopened.StartAsync(CancellationToken.None);
        Assert.Equal(3, reopened.GetInfo().Items);
        Assert.NotNull(reopened.GetInfo().Problem);
        Assert.True(reopened.GetInfo().AcceptsNew);
        Assert.NotEmpty(disk.Files("/spool/quarantine", ".damaged"));
    }

    [Fact]
    public async Task Caller_who_gives_up_is_told_so_and_the_write_goes_on()
    {
        var disk = new SimulatedDisk();
        using var gate = new ManualResetEventSlim(true);
        var layer = new FaultyFileLayer(disk)
        {
            Plan = step =>
            {
                if (step.Kind == DiskStepKind.Flush)
                    gate.Wait();
                return DiskFault.None;
            },
        };
        await using DiskStorage storage = CrashSettings.Make(layer);
        await storage.StartAsync(CancellationToken.None);
        var model = new StorageModel();
        Assert.Null(await TryWriteAsync(storage, model, 100));
        gate.Reset();
        using var patience = new CancellationTokenSource();
        Mail.MessageContent content = TestKit.Contents.InMemory();
        Mail.QueueItem item = TestKit.Envelopes.MakeItem(content);
        ValueTask write = storage.WriteAsync([item], patience.Token);
        await patience.CancelAsync();
        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await write);
        Assert.Equal(StorageFailure.DeadlinePassed, failure.Failure);
        gate.Set();
        content.Release();
        await UntilAsync(() => storage.GetInfo().Items == 2);
        await storage.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        await model.CheckAsync(storage, "after a caller gave up");
    }

    [Fact]
    public async Task Record_damaged_after_the_start_is_set_aside_when_it_is_read()
    {
        var disk = new SimulatedDisk();
        var model = new StorageModel();
        await using DiskStorage storage = CrashSettings.Make(disk);
        await storage.StartAsync(CancellationToken.None);
        for (int i = 0; i < 3; i++)
            Assert.Null(await TryWriteAsync(storage, model, 3000));
        string segment = disk.Files("/spool/journal", ".seg").Single(path => disk.ReadAll(path).AsSpan(8192, 4).SequenceEqual("SFJB"u8));
        disk.Flip(segment, 8192 + 4096 + 2000);
        Assert.Null(await storage.ReadAsync(model.Items[1].Id, CancellationToken.None));
        Assert.Equal(2, storage.GetInfo().Items);
        Assert.NotNull(storage.GetInfo().Problem);
        Assert.Single(disk.Files("/spool/quarantine", ".damaged"));
        Mail.QueueItem? good = await storage.ReadAsync(model.Items[2].Id, CancellationToken.None);
        Assert.NotNull(good);
        good.Envelope.Content.Release();
    }

    private static async Task<StorageException?> TryWriteAsync(DiskStorage storage, StorageModel model, int length)
    {
        try
        {
            await model.WriteOrThrowAsync(storage, 1, length);
            return null;
        }
        catch (StorageException e)
        {
            return e;
        }
    }

    private static async Task UntilAcceptedAsync(DiskStorage storage, StorageModel model, int count, int length)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await model.WriteAsync(storage, count, length))
            await Task.Delay(1, limit.Token);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
            await Task.Delay(1, limit.Token);
    }
}
