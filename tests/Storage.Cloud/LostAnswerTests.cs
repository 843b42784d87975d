using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>Writes whose answers get lost, or that a store refuses although nothing stands against them.</summary>
public sealed class LostAnswerTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private readonly MemoryBucket _bucket = new();

    [Fact]
    public async Task Item_that_the_store_refused_for_a_conflict_is_not_taken_for_stored()
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem item = MakeItem();
        _bucket.Conflicts = static name => name.StartsWith("items/", StringComparison.Ordinal);
        await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync([item], Lease, CancellationToken.None));
        int conflicts = 1;
        _bucket.Conflicts = name => name.StartsWith("items/", StringComparison.Ordinal) && Interlocked.Decrement(ref conflicts) >= 0;
        await storage.WriteAsync([item], Lease, CancellationToken.None);
        Assert.NotNull(await storage.ReadAsync(item.Envelope.Id, CancellationToken.None));
    }

    [Fact]
    public async Task Items_of_one_message_stay_when_giving_them_records_meets_a_conflict()
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem first = MakeItem(), second = MakeItem();
        await storage.WriteAsync([first, second], Lease, CancellationToken.None);
        int conflicts = 1;
        _bucket.Conflicts = name => name == $"states/{second.Envelope.Id}" && Interlocked.Decrement(ref conflicts) >= 0;
        Assert.True(await storage.RemoveAsync(new QueueLease(first.Envelope.Id, QueueLease.First), CancellationToken.None));
        Assert.NotNull(await storage.ReadAsync(second.Envelope.Id, CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bounce_of_a_step_whose_answer_got_lost_stays_when_another_claimed_the_item_meanwhile(bool isSilent)
    {
        // Lost with a sign, so that the holder repeats the step, or silently: the client repeated the request and met its own first one.
        await using CloudStorage holder = await OpenAsync(), other = await OpenAsync();
        QueueItem item = MakeItem(), bounce = MakeItem();
        await holder.WriteAsync([item], CancellationToken.None);
        QueueLease lease = Assert.Single((await holder.ClaimDueAsync(10, Lease, CancellationToken.None)).Items).Lease;
        string record = $"states/{item.Envelope.Id}";
        bool isLost = false;
        _bucket.After = (change, name) =>
        {
            if (change != "put" || name != record || isLost)
                return;
            isLost = true;
            Task.Run(async () => Assert.Single((await other.ClaimDueAsync(10, Lease, CancellationToken.None)).Items, claimed => claimed.Entry.Id == item.Envelope.Id)).Wait();
            if (!isSilent)
                throw new StorageException(StorageFailure.DeadlinePassed, "lost");
            _bucket.Answers = (_, _) =>
            {
                _bucket.Answers = null;
                return null;
            };
        };
        DeliveryState next = item.State with { Version = 1, Attempts = 1, DueAt = Envelopes.Received };
        if (!isSilent)
            await Assert.ThrowsAsync<StorageException>(async () => await holder.UpdateAsync(lease, next, [bounce], Lease, CancellationToken.None));
        await holder.UpdateAsync(lease, next, [bounce], Lease, CancellationToken.None);
        Assert.NotNull(await other.ReadAsync(bounce.Envelope.Id, CancellationToken.None));
    }

    [Fact]
    public async Task Step_that_is_repeated_leaves_its_bounces_with_the_caller()
    {
        await using CloudStorage holder = await OpenAsync();
        QueueItem item = MakeItem(), bounce = MakeItem();
        await holder.WriteAsync([item], Lease, CancellationToken.None);
        bool isLost = false;
        _bucket.After = (change, name) =>
        {
            if (change != "put" || name != $"states/{item.Envelope.Id}" || isLost)
                return;
            isLost = true;
            throw new StorageException(StorageFailure.DeadlinePassed, "lost");
        };
        var lease = new QueueLease(item.Envelope.Id, QueueLease.First);
        DeliveryState next = item.State with { Version = 1, Attempts = 1, DueAt = DateTimeOffset.UtcNow.AddHours(1) };
        await Assert.ThrowsAsync<StorageException>(async () => await holder.UpdateAsync(lease, next, [bounce], Lease, CancellationToken.None));
        Assert.True(await holder.UpdateAsync(lease, next, [bounce], Lease, CancellationToken.None));
        Assert.True(await holder.RemoveAsync(new QueueLease(bounce.Envelope.Id, QueueLease.First), CancellationToken.None));
    }

    [Fact]
    public async Task Bounce_of_an_item_that_goes_meanwhile_is_an_item_all_the_same_where_no_lease_is_asked()
    {
        await using CloudStorage storage = await OpenAsync(), other = await OpenAsync();
        QueueItem item = MakeItem(), bounce = MakeItem();
        await storage.WriteAsync([item], CancellationToken.None);
        Assert.Single((await other.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
        bool isGone = false;
        _bucket.Before = (change, name) =>
        {
            if (change != "put" || name != $"states/{item.Envelope.Id}" || isGone)
                return;
            isGone = true;
            Task.Run(async () => await other.RemoveAsync(item.Envelope.Id, CancellationToken.None)).Wait();
        };
        await storage.UpdateAsync(item.Envelope.Id, item.State with { Version = 1, Attempts = 1 }, [bounce], CancellationToken.None);
        Assert.NotNull(await other.ReadAsync(bounce.Envelope.Id, CancellationToken.None));
    }

    private static QueueItem MakeItem() => Envelopes.MakeItem(TestKit.Contents.InMemory());

    private async Task<CloudStorage> OpenAsync()
    {
        var storage = new CloudStorage(_bucket.Open(), null, null, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        await storage.Swept;
        return storage;
    }
}
