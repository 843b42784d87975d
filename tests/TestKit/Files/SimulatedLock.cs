namespace SlimtaFast.TestKit.Files;

/// <summary>A lock on the simulated disk.</summary>
internal sealed class SimulatedLock(SimulatedDisk disk, string path, int run) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => disk.Unlock(path, run);
}
