using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Aws.Ceph.Tests;

/// <summary>A bucket of a real server that writes conditionally passes what every shared storage must.</summary>
public sealed class CephStorageTests(CephFixture fixture) : SharedQueueStorageContract, IClassFixture<CephFixture>
{
    private string? _prefix;

    /// <inheritdoc/>
    protected override ValueTask<IQueueStorage> CreateAsync()
    {
        _prefix = fixture.NewPrefix();
        return ValueTask.FromResult<IQueueStorage>(OpenAnother());
    }

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> ReopenAsync()
    {
        await Storage.DisposeAsync();
        return OpenAnother();
    }

    /// <inheritdoc/>
    protected override ISharedQueueStorage OpenAnother() =>
        new CloudStorage(fixture.OpenStore(_prefix!), null, new CloudStorageOptions { PollEvery = TimeSpan.FromMilliseconds(200) }, TimeProvider.System);
}
