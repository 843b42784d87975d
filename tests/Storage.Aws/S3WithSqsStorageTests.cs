using SlimtaFast.Storage.Cloud;

namespace SlimtaFast.Storage.Aws.Tests;

/// <summary>The same with a queue of SQS.</summary>
public sealed class S3WithSqsStorageTests(AwsFixture fixture) : S3StorageTests(fixture)
{
    private string? _queue;

    /// <inheritdoc/>
    protected override async Task BeginAsync() => _queue = await Fixture.NewQueueAsync();

    /// <inheritdoc/>
    protected override IMessageQueue? OpenQueue() => Fixture.OpenQueue(_queue!);
}
