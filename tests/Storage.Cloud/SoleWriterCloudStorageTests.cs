using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>An object store that ignores conditions passes what every durable storage must, and refuses a second process.</summary>
public sealed class SoleWriterCloudStorageTests : DurableQueueStorageContract
{
    private readonly MemoryBucket _bucket = new() { Conditions = ConditionalWrites.None };

    [Fact]
    public async Task Second_process_is_refused_while_the_first_is_there()
    {
        await using CloudStorage second = Open();
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => second.StartAsync(CancellationToken.None));
        Assert.Contains(Environment.MachineName, refusal.Message, StringComparison.Ordinal);
        Assert.True(Storage.GetInfo().AcceptsNew);
    }

    [Fact]
    public async Task Process_that_lost_its_place_writes_nothing_any_more()
    {
        await StoreSmallAsync();
        using Mail.ContentWriter writer = Storage.BeginContent(TestKit.Envelopes.NewId(), null);
        await writer.WriteAsync(new byte[300_000], CancellationToken.None);
        Mail.MessageContent content = await writer.CompleteAsync(default, CancellationToken.None);
        await _bucket.Open().PutAsync("writer", "somebody-else 1"u8.ToArray(), [], PutCondition.None, CancellationToken.None);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Storage.GetInfo().AcceptsNew)
            await Task.Delay(10, limit.Token);
        Mail.QueueItem item = Small();
        await Assert.ThrowsAsync<StorageException>(async () => await Storage.WriteAsync([item], CancellationToken.None));
        item.Envelope.Content.Release();

        // Nor does it take away what nobody needs, and whoever lets go of that is told of no failure.
        content.Release();
        Assert.Contains(_bucket.Names, static name => name.StartsWith("contents/", StringComparison.Ordinal));
        Assert.Single(await LoadAsync());
    }

    [Fact]
    public async Task State_that_the_store_misses_while_it_is_replaced_does_not_go_back()
    {
        Mail.QueueItem item = Small();
        await StoreAsync(item);
        Mail.DeliveryState first = Next(item.State);
        await Storage.UpdateAsync(item.Envelope.Id, first, [], CancellationToken.None);
        using var isAsked = new SemaphoreSlim(0);
        using var isRead = new ManualResetEventSlim();
        _bucket.Before = (_, name) =>
        {
            if (!name.StartsWith("states/", StringComparison.Ordinal))
                return;
            isAsked.Release();
            Assert.True(isRead.Wait(TimeSpan.FromSeconds(30)));
        };
        int missed = 0;
        _bucket.Misses = (_, name) => name.StartsWith("states/", StringComparison.Ordinal) && Interlocked.Exchange(ref missed, 1) == 0;
        Task updating = Task.Run(() => Storage.UpdateAsync(item.Envelope.Id, Next(first), [], CancellationToken.None).AsTask());
        try
        {
            Assert.True(await isAsked.WaitAsync(TimeSpan.FromSeconds(30)));
            Volatile.Write(ref missed, 0);
            Assert.Equal(1, (await ReadAsync(item.Envelope.Id))!.Value.Item.State.Version);
            Assert.Equal(1, missed);
        }
        finally
        {
            isRead.Set();
            await updating;
        }

        Assert.Equal(2, (await ReadAsync(item.Envelope.Id))!.Value.Item.State.Version);
    }

    /// <inheritdoc/>
    protected override ValueTask<IQueueStorage> CreateAsync() => ValueTask.FromResult<IQueueStorage>(Open());

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> ReopenAsync()
    {
        await Storage.DisposeAsync();
        return Open();
    }

    private CloudStorage Open() => new(_bucket.Open(), null, new CloudStorageOptions { SoleWriterTime = TimeSpan.FromSeconds(10) }, TimeProvider.System);
}
