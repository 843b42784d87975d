using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Aws.Ceph.Tests;

/// <summary>Contents as objects in a bucket of a real server.</summary>
public sealed class CephContentsTests(CephFixture fixture) : ContentStoreContract, IClassFixture<CephFixture>
{
    private string? _prefix;

    /// <inheritdoc/>
    protected override IContentStore Open() => new ObjectContents(fixture.OpenStore(_prefix ??= fixture.NewPrefix()));
}
