using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack.Tests;

namespace SlimtaFast.Storage.Pairings.Tests;

/// <summary>A container with a queue of Zaqar.</summary>
public sealed class SwiftWithZaqarStorageTests(SwiftFixture swift, ZaqarFixture zaqar) : SwiftWithQueueContract(swift), IClassFixture<SwiftFixture>, IClassFixture<ZaqarFixture>
{
    private string? _queue;

    /// <inheritdoc/>
    protected override Task MakeQueueAsync()
    {
        _queue = zaqar.NewQueue();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override IMessageQueue OpenQueue() => zaqar.OpenQueue(_queue!);
}
