using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.OpenStack.Tests;

/// <summary>A container, which one process only may use, passes what every durable storage must.</summary>
public class SwiftStorageTests(SwiftFixture fixture) : DurableQueueStorageContract, IClassFixture<SwiftFixture>
{
    private string? _prefix;

    /// <inheritdoc/>
    protected override ValueTask<IQueueStorage> CreateAsync()
    {
        _prefix = fixture.NewPrefix();
        return ValueTask.FromResult<IQueueStorage>(Open());
    }

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> ReopenAsync()
    {
        await Storage.DisposeAsync();
        return Open();
    }

    private CloudStorage Open() => new(fixture.OpenStore(_prefix!), null, new CloudStorageOptions { SoleWriterTime = TimeSpan.FromSeconds(20) }, TimeProvider.System);
}
