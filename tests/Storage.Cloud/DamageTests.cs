using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>An object that is damaged keeps nobody waiting but its own item, and so does one that cannot be had for the moment.</summary>
public sealed class DamageTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private readonly MemoryBucket _bucket = new();

    [Fact]
    public async Task Damaged_record_keeps_no_other_item_waiting()
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem damaged = MakeItem(), sound = MakeItem();
        await storage.WriteAsync([damaged], CancellationToken.None);
        await storage.WriteAsync([sound], CancellationToken.None);
        await _bucket.Open().PutAsync($"states/{damaged.Envelope.Id}", "no record"u8.ToArray(), [], PutCondition.None, CancellationToken.None);
        await using CloudStorage other = await OpenAsync();
        ClaimedItem claimed = Assert.Single((await other.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
        Assert.Equal(sound.Envelope.Id, claimed.Entry.Id);
        Assert.Equal([new QueueLease(damaged.Envelope.Id, 2)], (await other.RenewAsync([claimed.Lease, new QueueLease(damaged.Envelope.Id, 2)], Lease, CancellationToken.None)).Lost);
        var loaded = new List<QueueId>();
        await foreach (QueueEntry entry in other.LoadAsync(CancellationToken.None))
            loaded.Add(entry.Id);
        Assert.Equal([sound.Envelope.Id], loaded);
        Assert.True(await other.RemoveAsync(claimed.Lease, CancellationToken.None));
        Assert.Empty((await other.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
        Assert.Contains($"items/{damaged.Envelope.Id}", _bucket.Names);
    }

    [Fact]
    public async Task Items_that_were_claimed_are_the_callers_although_another_could_not_be()
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem failing = MakeItem(), sound = MakeItem();
        await storage.WriteAsync([failing], CancellationToken.None);
        await storage.WriteAsync([sound], CancellationToken.None);
        _bucket.Before = (_, name) =>
        {
            if (name == $"states/{failing.Envelope.Id}")
                throw new StorageException(StorageFailure.Unavailable, "not now");
        };
        ClaimResult claimed = await storage.ClaimDueAsync(10, Lease, CancellationToken.None);
        Assert.Equal(sound.Envelope.Id, Assert.Single(claimed.Items).Entry.Id);
        Assert.True(claimed.NextIn <= TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<StorageException>(async () => await storage.ClaimDueAsync(10, Lease, CancellationToken.None));
        _bucket.Before = null;
        Assert.Single((await storage.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
    }

    [Fact]
    public async Task Renewal_that_fails_for_one_item_keeps_the_others()
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem failing = MakeItem(), sound = MakeItem();
        await storage.WriteAsync([failing], Lease, CancellationToken.None);
        await storage.WriteAsync([sound], Lease, CancellationToken.None);
        QueueLease[] leases = [new QueueLease(failing.Envelope.Id, QueueLease.First), new QueueLease(sound.Envelope.Id, QueueLease.First)];
        _bucket.Before = (_, name) =>
        {
            if (name == $"states/{failing.Envelope.Id}")
                throw new StorageException(StorageFailure.Unavailable, "not now");
        };
        RenewResult renewed = await storage.RenewAsync(leases, Lease, CancellationToken.None);
        Assert.Empty(renewed.Lost);
        Assert.Equal(leases[..1], renewed.Unknown);
        Assert.NotNull(renewed.Failure);
        await Assert.ThrowsAsync<StorageException>(async () => await storage.RenewAsync(leases[..1], Lease, CancellationToken.None));
        await storage.PingAsync(CancellationToken.None);
        _bucket.Before = static (_, _) => throw new StorageException(StorageFailure.Unavailable, "not now");
        await Assert.ThrowsAsync<StorageException>(async () => await storage.PingAsync(CancellationToken.None));
        _bucket.Before = null;
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
