using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Cloud.Tests.Memory;

/// <summary>What the tests take for a store behaves as the real ones do.</summary>
public sealed class MemoryObjectStoreTests : ObjectStoreContract
{
    protected override IObjectStore Open() => new MemoryObjectStore(new MemoryBucket());
}
