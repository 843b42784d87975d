namespace SlimtaFast.Storage.Disk.Files.Portable;

/// <summary>A directory where the system has no way to flush one; its file system's own journal has to do.</summary>
internal sealed class PortableDirectory : IStoreDirectory
{
    /// <summary>Names a directory that exists.</summary>
    public PortableDirectory(string path)
    {
        if (!Directory.Exists(path))
            throw new DiskException("opening", path, DiskError.NoEntry);
        Path = path;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public void Flush()
    {
        // Nothing that the runtime offers reaches the directory.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // No handle is held.
    }
}
