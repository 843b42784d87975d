using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>A process that stops at any of its requests leaves nothing half done, and what it left behind is found and goes.</summary>
public sealed class CrashTests
{
    private const int MostSteps = 60;
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private readonly FakeTimeProvider _time = new(Envelopes.Received.AddDays(1));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_of_several_items_is_all_or_nothing_wherever_it_stops(bool isDone)
    {
        await AtEachStepAsync(async (bucket, step) =>
        {
            MessageContent content = TestKit.Contents.InMemory(new byte[300_000]);
            QueueItem[] items = [.. Enumerable.Range(0, 3).Select(i => Envelopes.MakeItem(content, "a@example.com", $"b@host{i}.example"))];
            bool isStopped = await StopAtAsync(bucket, step, isDone, async storage => await storage.WriteAsync(items, Lease, CancellationToken.None));
            content.Release();
            await using (CloudStorage after = await RecoverAsync(bucket))
            {
                List<QueueId> found = await ClaimAllAsync(after);
                Assert.True(found.Count is 0 or 3 && (isStopped || found.Count == 3), $"Stopped at request {step}, {found.Count} items are there.");
                foreach (QueueId id in found)
                    await after.RemoveAsync(id, CancellationToken.None);
            }

            return isStopped;
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Closing_and_its_bounce_are_one_step_wherever_it_stops(bool isDone)
    {
        await AtEachStepAsync(async (bucket, step) =>
        {
            MessageContent content = TestKit.Contents.InMemory(new byte[300_000]);
            QueueItem item = Envelopes.MakeItem(content), bounce = Envelopes.MakeItem(content, "", "a@example.com");
            await using (CloudStorage before = await RecoverAsync(bucket))
                await before.WriteAsync([item], Lease, CancellationToken.None);
            DeliveryState closed = item.State with { Version = 1, Attempts = 1, Recipients = [new RecipientStatus(RecipientPhase.Failed)] };
            bool isStopped = await StopAtAsync(bucket, step, isDone, async storage =>
                Assert.True(await storage.UpdateAsync(new QueueLease(item.Envelope.Id, QueueLease.First), closed, [bounce], Lease, CancellationToken.None)));
            content.Release();
            await using (CloudStorage after = await RecoverAsync(bucket))
            {
                QueueId left = Assert.Single(await ClaimAllAsync(after));
                Assert.True(left == bounce.Envelope.Id || (isStopped && left == item.Envelope.Id), $"Stopped at request {step}.");
                await after.RemoveAsync(left, CancellationToken.None);
            }

            return isStopped;
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Held_item_that_is_released_is_claimed_wherever_that_stops(bool isDone)
    {
        await AtEachStepAsync(async (bucket, step) =>
        {
            QueueItem item = await LeaveHeldAsync(bucket);
            DeliveryState released = item.State with { Version = 2, DueAt = _time.GetUtcNow() };
            bool isStopped = await StopAtAsync(bucket, step, isDone, async storage => await storage.UpdateAsync(item.Envelope.Id, released, [], CancellationToken.None));
            await using (CloudStorage after = await RecoverAsync(bucket))
            {
                QueueItem left = (await after.ReadAsync(item.Envelope.Id, CancellationToken.None))!;
                left.Envelope.Content.Release();
                Assert.True(isStopped || !left.State.IsHeld);
                if (!left.State.IsHeld)
                    Assert.Equal(item.Envelope.Id, Assert.Single(await ClaimAllAsync(after)));
                await after.RemoveAsync(item.Envelope.Id, CancellationToken.None);
            }

            return isStopped;
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Held_item_that_is_removed_leaves_nothing_wherever_that_stops(bool isDone)
    {
        await AtEachStepAsync(async (bucket, step) =>
        {
            QueueItem item = await LeaveHeldAsync(bucket);
            bool isStopped = await StopAtAsync(bucket, step, isDone, async storage => await storage.RemoveAsync(item.Envelope.Id, CancellationToken.None));
            await using (CloudStorage after = await RecoverAsync(bucket))
            {
                QueueItem? left = await after.ReadAsync(item.Envelope.Id, CancellationToken.None);
                left?.Envelope.Content.Release();
                Assert.True(isStopped || left is null);
                if (left is not null)
                    await after.RemoveAsync(item.Envelope.Id, CancellationToken.None);
            }

            return isStopped;
        });
    }

    // From the first request on, until nothing is stopped any more; what is left each time has to be nothing.
    private async Task AtEachStepAsync(Func<MemoryBucket, int, Task<bool>> stopAsync)
    {
        for (int step = 0; step < MostSteps; step++)
        {
            var bucket = new MemoryBucket { Time = _time };
            bool isStopped = await stopAsync(bucket, step);
            await AssertEmptyAsync(bucket);
            if (!isStopped)
                return;
        }

        Assert.Fail("It takes too many steps.");
    }

    private async Task<QueueItem> LeaveHeldAsync(MemoryBucket bucket)
    {
        await using CloudStorage storage = await RecoverAsync(bucket);
        QueueItem item = Envelopes.MakeItem(TestKit.Contents.InMemory(new byte[300_000]));
        await storage.WriteAsync([item], CancellationToken.None);
        item.Envelope.Content.Release();
        await storage.UpdateAsync(item.Envelope.Id, item.State with { Version = 1, DueAt = DeliveryState.HeldUntil }, [], CancellationToken.None);
        return item;
    }

    private CloudStorage Open(MemoryBucket bucket) => new(bucket.Open(), null, null, _time);

    // True where it was stopped before it had ended: from that request on nothing is done any more.
    private async Task<bool> StopAtAsync(MemoryBucket bucket, int step, bool isDone, Func<CloudStorage, Task> run)
    {
        CloudStorage storage = await RecoverAsync(bucket);
        int requests = 0;
        bool isStopped = false;
        void Stop() => throw new StorageException(StorageFailure.DeadlinePassed, "stopped");
        bucket.Before = (_, _) =>
        {
            int number = Interlocked.Increment(ref requests) - 1;
            if (isDone ? number <= step : number < step)
                return;
            isStopped = true;
            Stop();
        };
        bucket.After = (_, _) =>
        {
            if (!isDone || Volatile.Read(ref requests) <= step)
                return;
            isStopped = true;
            Stop();
        };
        try
        {
            await run(storage);
        }
        catch (StorageException)
        {
            Assert.True(isStopped);
        }

        await storage.DisposeAsync();
        bucket.Before = bucket.After = null;
        return isStopped;
    }

    private async Task<CloudStorage> RecoverAsync(MemoryBucket bucket)
    {
        _time.Advance(TimeSpan.FromHours(2));
        CloudStorage storage = Open(bucket);
        await storage.StartAsync(CancellationToken.None);
        await storage.Swept;
        return storage;
    }

    private static async Task<List<QueueId>> ClaimAllAsync(CloudStorage storage)
    {
        var found = new List<QueueId>();
        ClaimResult claimed = await storage.ClaimDueAsync(100, Lease, CancellationToken.None);
        foreach (ClaimedItem item in claimed.Items)
        {
            found.Add(item.Entry.Id);
            QueueItem read = (await storage.ReadAsync(item.Entry.Id, CancellationToken.None))!;
            Assert.Equal(300_000, (await TestKit.Contents.ReadAllAsync(read.Envelope.Content)).Length);
            read.Envelope.Content.Release();
        }

        var loaded = new List<QueueId>();
        await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
            loaded.Add(entry.Id);
        Assert.Equal(loaded.Order(), found.Order());
        return found;
    }

    private async Task AssertEmptyAsync(MemoryBucket bucket)
    {
        // Markers without an item go when they are looked at, the rest by a sweep.
        for (int i = 0; i < 2; i++)
        {
            await using CloudStorage storage = await RecoverAsync(bucket);
            Assert.Empty((await storage.ClaimDueAsync(100, Lease, CancellationToken.None)).Items);
        }

        Assert.Empty(bucket.Names);
    }
}
