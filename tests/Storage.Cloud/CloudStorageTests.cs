using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>An object store that writes conditionally passes what every shared storage must, without a queue.</summary>
public class CloudStorageTests : SharedQueueStorageContract
{
    private readonly MemoryBucket _bucket = new();

    /// <summary>The queue of the pairing, or null.</summary>
    protected virtual MemoryBroker? Broker => null;

    /// <inheritdoc/>
    protected override ValueTask<IQueueStorage> CreateAsync() => ValueTask.FromResult<IQueueStorage>(OpenAnother());

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> ReopenAsync()
    {
        await Storage.DisposeAsync();
        return OpenAnother();
    }

    /// <inheritdoc/>
    protected override ISharedQueueStorage OpenAnother() =>
        new CloudStorage(_bucket.Open(), Broker?.Open(), new CloudStorageOptions { PollEvery = TimeSpan.FromMilliseconds(20) }, TimeProvider.System);
}
