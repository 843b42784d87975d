using SlimtaFast.Storage.Aws.Tests;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack.Tests;

namespace SlimtaFast.Storage.Pairings.Tests;

/// <summary>A container with a queue of SQS.</summary>
public sealed class SwiftWithSqsStorageTests(SwiftFixture swift, AwsFixture aws) : SwiftWithQueueContract(swift), IClassFixture<SwiftFixture>, IClassFixture<AwsFixture>
{
    private string? _queue;

    /// <inheritdoc/>
    protected override async Task MakeQueueAsync() => _queue = await aws.NewQueueAsync();

    /// <inheritdoc/>
    protected override IMessageQueue OpenQueue() => aws.OpenQueue(_queue!);
}
