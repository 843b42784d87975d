using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.TestKit.Files;

/// <summary>An open directory of the simulated disk.</summary>
internal sealed class SimulatedDirectoryHandle(SimulatedDisk disk, SimulatedDirectory directory, string path, int run) : IStoreDirectory
{
    /// <inheritdoc/>
    public string Path => path;

    /// <inheritdoc/>
    public void Flush()
    {
        lock (disk.Gate)
        {
            disk.ThrowIfEnded(run);
            directory.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }
}
