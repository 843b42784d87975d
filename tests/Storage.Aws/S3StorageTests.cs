using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Aws.Tests;

/// <summary>A bucket whose endpoint writes conditionally passes what every shared storage must.</summary>
public class S3StorageTests(AwsFixture fixture) : SharedQueueStorageContract, IClassFixture<AwsFixture>
{
    private string? _prefix;

    /// <summary>The server.</summary>
    protected AwsFixture Fixture { get; } = fixture;

    /// <summary>Makes the queue of the pairing.</summary>
    protected virtual Task BeginAsync() => Task.CompletedTask;

    /// <summary>Opens the queue of the pairing, or none.</summary>
    protected virtual IMessageQueue? OpenQueue() => null;

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> CreateAsync()
    {
        _prefix = Fixture.NewPrefix();
        await BeginAsync();
        return OpenAnother();
    }

    /// <inheritdoc/>
    protected override async ValueTask<IQueueStorage> ReopenAsync()
    {
        await Storage.DisposeAsync();
        return OpenAnother();
    }

    /// <inheritdoc/>
    protected override ISharedQueueStorage OpenAnother() =>
        new CloudStorage(Fixture.OpenStore(_prefix!), OpenQueue(), new CloudStorageOptions { PollEvery = TimeSpan.FromMilliseconds(200) }, TimeProvider.System);
}
