using SlimtaFast.Storage.Tests.Contract;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Storage.Tests.Kept;

/// <summary>Contents in a folder.</summary>
public sealed class FolderContentStoreTests : ContentStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    /// <inheritdoc/>
    protected override IContentStore Open() => new FolderContents(_folder["contents"]);
}
