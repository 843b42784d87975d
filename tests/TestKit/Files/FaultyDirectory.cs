using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.TestKit.Files;

/// <summary>A directory whose flush can go wrong.</summary>
internal sealed class FaultyDirectory(FaultyFileLayer layer, IStoreDirectory inner) : IStoreDirectory
{
    /// <inheritdoc/>
    public string Path => inner.Path;

    /// <inheritdoc/>
    public void Flush() => layer.Run(DiskStepKind.FlushDirectory, Path, inner.Flush);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();
}
