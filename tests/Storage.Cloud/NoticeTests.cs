using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>What becomes of the messages of a queue, and that nothing depends on them: python-slimta deleted them before the delivery.</summary>
public sealed class NoticeTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly MemoryBucket _bucket = new();
    private readonly MemoryBroker _broker = new();

    [Fact]
    public async Task Message_stays_while_its_item_is_held_and_goes_with_the_outcome()
    {
        await using CloudStorage writer = await OpenAsync(), worker = await OpenAsync();
        QueueItem item = Envelopes.MakeItem(TestKit.Contents.InMemory());
        await NoticedAsync(worker, async () => await writer.WriteAsync([item], CancellationToken.None));
        ClaimedItem claimed = Assert.Single((await worker.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
        Assert.Empty((await worker.RenewAsync([claimed.Lease], Lease, CancellationToken.None)).Lost);
        Assert.Equal(1, _broker.Count);
        Assert.True(await worker.RemoveAsync(claimed.Lease, CancellationToken.None));
        Assert.Equal(0, _broker.Count);
        item.Envelope.Content.Release();
    }

    [Fact]
    public async Task Item_whose_message_got_lost_is_found_all_the_same()
    {
        _broker.Loses = true;
        await using CloudStorage writer = await OpenAsync(), worker = await OpenAsync();
        QueueItem item = Envelopes.MakeItem(TestKit.Contents.InMemory());
        await writer.WriteAsync([item], CancellationToken.None);
        Assert.Single((await worker.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
        item.Envelope.Content.Release();
    }

    [Fact]
    public async Task Messages_that_are_none_of_ours_or_of_no_item_do_no_harm()
    {
        await using CloudStorage writer = await OpenAsync(), worker = await OpenAsync();
        _broker.Send("no json at all", TimeSpan.Zero);
        _broker.Send("{\"storage_id\": 7}", TimeSpan.Zero);
        await NoticedAsync(worker, () =>
        {
            _broker.Send($"{{\"storage_id\": \"{Envelopes.NewId()}\"}}", TimeSpan.Zero);
            return Task.CompletedTask;
        });
        Assert.Empty((await worker.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
        Assert.Equal(2, _broker.Count);
    }

    private static async Task NoticedAsync(CloudStorage worker, Func<Task> act)
    {
        var noticed = new SemaphoreSlim(0);
        using IDisposable watch = worker.Watch(() => noticed.Release());
        await act();
        Assert.True(await noticed.WaitAsync(Patience));
    }

    private async Task<CloudStorage> OpenAsync()
    {
        var storage = new CloudStorage(_bucket.Open(), _broker.Open(), null, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        return storage;
    }
}
