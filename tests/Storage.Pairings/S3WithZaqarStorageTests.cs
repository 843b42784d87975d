using SlimtaFast.Storage.Aws.Tests;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Pairings.Tests;

/// <summary>A bucket whose endpoint writes conditionally, with a queue of Zaqar.</summary>
public sealed class S3WithZaqarStorageTests(AwsFixture aws, ZaqarFixture zaqar) : SharedQueueStorageContract, IClassFixture<AwsFixture>, IClassFixture<ZaqarFixture>
{
    private string? _prefix;
    private string? _queue;

    // What a pairing adds does not depend on how many there are.
    /// <inheritdoc/>
    protected override int Many => 100;

    /// <inheritdoc/>
    protected override ValueTask<IQueueStorage> CreateAsync()
    {
        (_prefix, _queue) = (aws.NewPrefix(), zaqar.NewQueue());
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
        new CloudStorage(aws.OpenStore(_prefix!), zaqar.OpenQueue(_queue!), new CloudStorageOptions { PollEvery = TimeSpan.FromMilliseconds(200) }, TimeProvider.System);
}
