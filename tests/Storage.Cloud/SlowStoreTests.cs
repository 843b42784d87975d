using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>Where each request takes long, nobody waits until all that could be claimed is.</summary>
public sealed class SlowStoreTests
{
    private const int Items = 100;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Request = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new(Envelopes.Received.AddDays(1));

    [Fact]
    public async Task Claim_hands_on_what_it_has_after_a_while_and_says_that_there_is_more()
    {
        var bucket = new MemoryBucket { Time = _time };
        await using var storage = new CloudStorage(bucket.Open(), null, null, _time);
        await storage.StartAsync(CancellationToken.None);
        QueueItem[] items = [.. Enumerable.Range(0, Items).Select(static _ => Envelopes.MakeItem(TestKit.Contents.InMemory("Subject: a\r\n\r\nb\r\n"u8.ToArray())))];
        foreach (QueueItem item in items)
            await storage.WriteAsync([item], CancellationToken.None);
        bucket.Before = (_, name) =>
        {
            if (name.StartsWith("states/", StringComparison.Ordinal))
                _time.Advance(Request);
        };
        var claimed = new HashSet<QueueId>();
        int passes = 0;
        while (claimed.Count < Items)
        {
            DateTimeOffset begun = _time.GetUtcNow();
            ClaimResult result = await storage.ClaimDueAsync(Items, Lease, CancellationToken.None);
            Assert.NotEmpty(result.Items);
            Assert.InRange(_time.GetUtcNow() - begun, TimeSpan.Zero, TimeSpan.FromSeconds(2) + (32 * Request));
            Assert.All(result.Items, item => Assert.True(claimed.Add(item.Entry.Id)));
            Assert.Equal(claimed.Count < Items, result.NextIn <= TimeSpan.Zero);
            passes++;
        }

        Assert.InRange(passes, 3, 10);
    }
}
