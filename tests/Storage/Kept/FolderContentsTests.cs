using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Files;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Storage.Tests.Kept;

public sealed class FolderContentsTests
{
    private const string Folder = "/contents";

    private readonly QueueIdGenerator _ids = new(TimeProvider.System);

    [Fact]
    public async Task What_is_kept_is_read_back_until_it_is_removed()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderContents(folder["contents"]);
        await store.StartAsync(CancellationToken.None);
        QueueItem item = MakeItem(new string('x', 700_000));
        await store.KeepAsync(item.Envelope.Id, item.Envelope.Content, CancellationToken.None);
        await store.KeepAsync(item.Envelope.Id, item.Envelope.Content, CancellationToken.None);
        MessageContent content = (await store.OpenAsync(HeadOf(item), CancellationToken.None))!;
        await store.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        byte[] bytes = new byte[content.Length + 1];
        Assert.Equal(content.Length, await content.FillAsync(bytes, CancellationToken.None));
        Assert.Equal(item.Envelope.Content.Crc, Crc32C.Compute(bytes.AsSpan(0, (int)content.Length)));
        content.Release();
        Assert.Null(await store.OpenAsync(HeadOf(item), CancellationToken.None));
        await store.RemoveAsync(item.Envelope.Id, CancellationToken.None);
    }

    [Fact]
    public async Task What_is_kept_outlives_a_power_cut()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var disk = new SimulatedDisk();
            var store = new FolderContents(Folder, disk);
            await store.StartAsync(CancellationToken.None);
            QueueItem item = MakeItem(new string('x', 300_000));
            await store.KeepAsync(item.Envelope.Id, item.Envelope.Content, CancellationToken.None);
            disk.PowerCut(seed);
            MessageContent? content = await new FolderContents(Folder, disk).OpenAsync(HeadOf(item), CancellationToken.None);
            Assert.NotNull(content);
            byte[] bytes = new byte[content.Length];
            await content.FillAsync(bytes, CancellationToken.None);
            Assert.Equal(item.Envelope.Content.Crc, Crc32C.Compute(bytes));
            content.Release();
        }
    }

    [Fact]
    public async Task A_flush_that_fails_is_a_failure_and_leaves_no_name()
    {
        var disk = new FaultyFileLayer(new SimulatedDisk());
        var store = new FolderContents(Folder, disk);
        await store.StartAsync(CancellationToken.None);
        QueueItem item = MakeItem("x");
        disk.FailEvery(DiskStepKind.Flush, DiskFault.InputOutput);
        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => store.KeepAsync(item.Envelope.Id, item.Envelope.Content, CancellationToken.None).AsTask());
        Assert.Equal(StorageFailure.Unavailable, failure.Failure);
        Assert.Null(await store.OpenAsync(HeadOf(item), CancellationToken.None));
    }

    [Fact]
    public async Task What_is_old_is_swept_away()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderContents(folder["contents"]);
        await store.StartAsync(CancellationToken.None);
        QueueItem first = MakeItem("first"), second = MakeItem("second");
        await store.KeepAsync(first.Envelope.Id, first.Envelope.Content, CancellationToken.None);
        await store.KeepAsync(second.Envelope.Id, second.Envelope.Content, CancellationToken.None);
        Assert.Equal(0, await store.SweepAsync(DateTimeOffset.UtcNow.AddHours(-1), CancellationToken.None));
        Assert.Equal(2, await store.SweepAsync(DateTimeOffset.UtcNow.AddHours(1), CancellationToken.None));
        Assert.Null(await store.OpenAsync(HeadOf(first), CancellationToken.None));
    }

    private QueueItem MakeItem(string content)
    {
        Envelope envelope = Envelopes.Make(Contents.InMemory(content), "alice@example.com", "bob@example.org") with { Id = _ids.Next() };
        return new QueueItem(envelope, DeliveryState.Initial(DateTimeOffset.UtcNow, 1));
    }

    private static EnvelopeHead HeadOf(QueueItem item) =>
        new(item, item.Envelope.Content.Id, item.Envelope.Content.Length, item.Envelope.Content.Crc, item.Envelope.Content.Traits);
}
