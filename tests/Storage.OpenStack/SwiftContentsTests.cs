using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.OpenStack.Tests;

/// <summary>Contents as objects in a container of a real Swift.</summary>
public sealed class SwiftContentsTests(SwiftFixture fixture) : ContentStoreContract, IClassFixture<SwiftFixture>
{
    private string? _prefix;

    /// <inheritdoc/>
    protected override IContentStore Open() => new ObjectContents(fixture.OpenStore(_prefix ??= fixture.NewPrefix()));
}
