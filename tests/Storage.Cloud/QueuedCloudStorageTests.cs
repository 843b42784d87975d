using SlimtaFast.Storage.Cloud.Tests.Memory;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>The same with a queue that delays messages and hides them one by one.</summary>
public sealed class QueuedCloudStorageTests : CloudStorageTests
{
    /// <inheritdoc/>
    protected override MemoryBroker? Broker { get; } = new();
}
