using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Tests.Contract;

namespace SlimtaFast.Storage.Aws.Tests;

/// <summary>Contents as objects in a bucket of a real server, which needs to know nothing of conditions.</summary>
public sealed class S3ContentsTests(AwsFixture fixture) : ContentStoreContract, IClassFixture<AwsFixture>
{
    private string? _prefix;

    /// <inheritdoc/>
    protected override IContentStore Open() => new ObjectContents(fixture.OpenStore(_prefix ??= fixture.NewPrefix(), conditions: false));
}
