using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Tests.Disk;

/// <summary>The disk storage without a journal, on a real file system, passes what every durable storage must.</summary>
public sealed class FileDiskStorageTests : DurableQueueStorageContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("slimtafast-").FullName;

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Journal_with_mail_in_it_cannot_be_switched_off()
    {
        await Storage.DisposeAsync();
        DiskStorage journaled = Open(journal: true);
        Replace(journaled);
        await Storage.StartAsync(CancellationToken.None);
        QueueId id = await StoreSmallAsync();
        await Storage.DisposeAsync();

        DiskStorage without = Open(journal: false);
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => without.StartAsync(CancellationToken.None));
        Assert.Contains("journal", refusal.Message, StringComparison.Ordinal);

        Replace(Open(journal: true));
        await Storage.StartAsync(CancellationToken.None);
        await Storage.RemoveAsync(id, CancellationToken.None);
        await Storage.DisposeAsync();
        Replace(Open(journal: false));
        await Storage.StartAsync(CancellationToken.None);
        Assert.Empty(await LoadAsync());
    }

    [Fact]
    public async Task Files_are_taken_over_by_a_storage_with_a_journal()
    {
        QueueItem item = Small();
        await StoreAsync(item);
        await Storage.UpdateAsync(item.Envelope.Id, Next(item.State), [], CancellationToken.None);
        await Storage.DisposeAsync();
        Replace(Open(journal: true));
        await Storage.StartAsync(CancellationToken.None);
        Assert.Equal(1, (await ReadAsync(item.Envelope.Id))!.Value.Item.State.Version);
        await Storage.UpdateAsync(item.Envelope.Id, Next(Next(item.State)), [], CancellationToken.None);
        await Storage.DisposeAsync();
        Replace(Open(journal: true));
        await Storage.StartAsync(CancellationToken.None);
        Assert.Equal(2, (await ReadAsync(item.Envelope.Id))!.Value.Item.State.Version);
        await Storage.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        await Storage.DisposeAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "env"), "*.env"));
        Replace(Open(journal: false));
        await Storage.StartAsync(CancellationToken.None);
        Assert.Empty(await LoadAsync());
    }

    /// <inheritdoc/>
    protected override ValueTask<IQueueStorage> CreateAsync() => ValueTask.FromResult<IQueueStorage>(Open(journal: false));

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> ReopenAsync()
    {
        await Storage.DisposeAsync();
        return Open(journal: false);
    }

    private DiskStorage Open(bool journal) => new(
        new DiskStorageOptions { Directory = _folder, Journal = journal, SegmentBytes = 1024 * 1024, JournalMaxBytes = 8 * 1024 * 1024 },
        NullLogger<DiskStorage>.Instance);
}
