using SlimtaFast.Storage.Cloud.Tests.Memory;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>The same with a queue that can neither delay messages nor hide them one by one.</summary>
public sealed class PlainQueuedCloudStorageTests : CloudStorageTests
{
    /// <inheritdoc/>
    protected override MemoryBroker? Broker { get; } = new() { CanDelay = false };
}
