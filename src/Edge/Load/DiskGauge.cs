namespace SlimtaFast.Edge.Load;

/// <summary>Free octets on the file system of a directory.</summary>
internal sealed class DiskGauge(string directory, long shortBelow) : LoadGauge(LoadResource.Disk, shortBelow, shortBelow * 1.25)
{
    /// <inheritdoc/>
    public override double ReadLeft() => new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace;
}
