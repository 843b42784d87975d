using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>What a process that died left of closed items goes beside the claims of the next one, and no claim waits for it.</summary>
public sealed class LeftoverTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly MemoryBucket _bucket = new();

    [Fact]
    public async Task Claim_does_not_wait_until_the_objects_of_a_closed_item_are_gone()
    {
        QueueItem closed = await LeaveClosedAsync();
        await using CloudStorage storage = await OpenAsync();
        QueueItem sound = MakeItem();
        await storage.WriteAsync([sound], CancellationToken.None);
        using var isSlow = new ManualResetEventSlim();
        _bucket.Before = (what, name) =>
        {
            if (what == "delete" && name == $"items/{closed.Envelope.Id}")
                Assert.True(isSlow.Wait(Limit));
        };
        ClaimResult claimed = await storage.ClaimDueAsync(10, Lease, CancellationToken.None).AsTask().WaitAsync(Limit);
        Assert.Equal(sound.Envelope.Id, Assert.Single(claimed.Items).Entry.Id);
        Assert.True(claimed.NextIn > TimeSpan.FromMinutes(1));
        Assert.Contains($"items/{closed.Envelope.Id}", _bucket.Names);
        isSlow.Set();
        await storage.LeftoversGone.WaitAsync(Limit);
        Assert.DoesNotContain(_bucket.Names, name => name.Contains(closed.Envelope.Id.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_could_not_be_taken_away_is_by_the_next_process()
    {
        QueueItem closed = await LeaveClosedAsync();
        RefuseToDelete(closed.Envelope.Id);
        await using (CloudStorage storage = await OpenAsync())
        {
            Assert.Empty((await storage.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
            await storage.LeftoversGone.WaitAsync(Limit);
        }

        Assert.Contains($"items/{closed.Envelope.Id}", _bucket.Names);
        _bucket.Before = null;
        await using CloudStorage next = await OpenAsync();
        Assert.Empty((await next.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
        await next.LeftoversGone.WaitAsync(Limit);
        Assert.DoesNotContain(_bucket.Names, name => name.Contains(closed.Envelope.Id.ToString(), StringComparison.Ordinal));
    }

    private static QueueItem MakeItem() => Envelopes.MakeItem(TestKit.Contents.InMemory("Subject: a\r\n\r\nb\r\n"u8.ToArray()));

    // An item whose process dies between closing it and taking its objects away.
    private async Task<QueueItem> LeaveClosedAsync()
    {
        await using CloudStorage storage = await OpenAsync();
        QueueItem item = MakeItem();
        await storage.WriteAsync([item], CancellationToken.None);
        RefuseToDelete(item.Envelope.Id);
        await storage.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        _bucket.Before = null;
        Assert.Contains($"items/{item.Envelope.Id}", _bucket.Names);
        return item;
    }

    private void RefuseToDelete(QueueId id) => _bucket.Before = (what, name) =>
    {
        if (what == "delete" && name.Contains(id.ToString(), StringComparison.Ordinal))
            throw new StorageException(StorageFailure.Unavailable, "not now");
    };

    private async Task<CloudStorage> OpenAsync()
    {
        var storage = new CloudStorage(_bucket.Open(), null, null, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        return storage;
    }
}
