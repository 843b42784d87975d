using SlimtaFast.Storage.Cloud.Tests.Memory;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Cloud.Tests;

/// <summary>Contents as objects.</summary>
public sealed class ObjectContentsTests : ContentStoreContract
{
    private readonly MemoryBucket _bucket = new();

    /// <inheritdoc/>
    protected override IContentStore Open() => new ObjectContents(new MemoryObjectStore(_bucket));
}
