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

    [Theory]
    [InlineData("due/", StorageFailure.DeadlinePassed)]
    [InlineData("items/", StorageFailure.Unavailable)]
    public async Task Items_that_are_there_without_all_their_markers_are_told_to_be_possibly_stored(string refused, StorageFailure told)
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem first = MakeItem(), second = MakeItem();
        string last = refused == "items/" ? $"items/{first.Envelope.Id}" : second.Envelope.Id.ToString();
        _bucket.Before = (_, name) =>
        {
            if (name.StartsWith(refused, StringComparison.Ordinal) && name.EndsWith(last, StringComparison.Ordinal))
                throw new StorageException(StorageFailure.Unavailable, "not now");
        };
        StorageException trouble = await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync([first, second], Lease, CancellationToken.None));
        Assert.Equal(told, trouble.Failure);
        _bucket.Before = null;
        Assert.Equal(told == StorageFailure.DeadlinePassed, await storage.ReadAsync(first.Envelope.Id, CancellationToken.None) is not null);
        await storage.RemoveAsync(first.Envelope.Id, CancellationToken.None);
        await storage.RemoveAsync(second.Envelope.Id, CancellationToken.None);
        Assert.Null(await storage.ReadAsync(second.Envelope.Id, CancellationToken.None));
    }

    [Fact]
    public async Task Bounces_are_stored_by_the_repetition_of_a_step_that_failed_when_the_item_is_gone_meanwhile()
    {
        await using CloudStorage storage = await OpenAsync(), other = await OpenAsync();
        QueueItem item = MakeItem(), bounce = MakeItem();
        await storage.WriteAsync([item], CancellationToken.None);
        DeliveryState next = item.State with { Version = 1, Attempts = 1 };
        string record = $"states/{item.Envelope.Id}";
        _bucket.Before = (_, name) =>
        {
            if (name == record)
                throw new StorageException(StorageFailure.Unavailable, "not now");
        };
        await Assert.ThrowsAsync<StorageException>(async () => await storage.UpdateAsync(item.Envelope.Id, next, [bounce], CancellationToken.None));
        _bucket.Before = null;
        await other.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        Assert.Null(await other.ReadAsync(bounce.Envelope.Id, CancellationToken.None));
        await storage.UpdateAsync(item.Envelope.Id, next, [bounce], CancellationToken.None);
        Assert.NotNull(await other.ReadAsync(bounce.Envelope.Id, CancellationToken.None));
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
