using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Tests.Disk;

/// <summary>The disk storage with its journal, on a real file system, passes what every durable storage must.</summary>
public sealed class JournaledDiskStorageTests : DurableQueueStorageContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("slimtafast-").FullName;

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <inheritdoc/>
    protected override ValueTask<IQueueStorage> CreateAsync() => ValueTask.FromResult<IQueueStorage>(Open());

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> ReopenAsync()
    {
        await Storage.DisposeAsync();
        return Open();
    }

    private DiskStorage Open() => new DiskStorage(
        new DiskStorageOptions { Directory = _folder, SegmentBytes = 8 * 1024 * 1024, JournalMaxBytes = Math.Max(64 * 1024 * 1024, Many * 4096L) },
        NullLogger<DiskStorage>.Instance);
}
