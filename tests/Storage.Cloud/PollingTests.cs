using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>Without a queue that tells of new items they are seen by looking, behind any number that are in somebody's hands.</summary>
public sealed class PollingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task New_item_is_seen_behind_many_that_are_in_hand()
    {
        var bucket = new MemoryBucket();
        var time = new WatchedTime();
        time.SetUtcNow(Envelopes.Received.AddDays(1));
        await using CloudStorage storage = Open(), other = Open();
        await storage.StartAsync(CancellationToken.None);
        await other.StartAsync(CancellationToken.None);
        QueueItem[] many = [.. Enumerable.Range(0, 1100).Select(static _ => MakeItem())];
        await storage.WriteAsync(many, CancellationToken.None);
        int inHand = 0;
        while (inHand < many.Length)
            inHand += (await storage.ClaimDueAsync(1000, TimeSpan.FromHours(1), CancellationToken.None)).Items.Count;
        using var isNoticed = new SemaphoreSlim(0);
        using IDisposable watch = storage.Watch(() => isNoticed.Release());
        QueueItem late = MakeItem();
        late = late with { State = late.State with { DueAt = late.State.DueAt.AddHours(1) } };
        await other.WriteAsync([late], CancellationToken.None);
        await time.PassAsync(TimeSpan.FromSeconds(5));
        Assert.True(await isNoticed.WaitAsync(Limit));

        CloudStorage Open() => new(bucket.Open(), null, null, time);
    }

    private static QueueItem MakeItem() => Envelopes.MakeItem(TestKit.Contents.InMemory());
}
