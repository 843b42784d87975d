namespace SlimtaFast.Edge.Load;

/// <summary>The share of the machine's or container's memory that is not in use, as the collector saw it last.</summary>
internal sealed class MemoryGauge(double shortBelow) : LoadGauge(LoadResource.Memory, shortBelow, shortBelow * 1.5)
{
    private long _lastCollection;

    /// <inheritdoc/>
    public override double ReadLeft()
    {
        double left = Read(out long collection);
        if (left >= EnoughFrom || collection != _lastCollection)
        {
            _lastCollection = collection;
            return left;
        }

        // The figure is as old as the last collection, and a server that takes no mail may never cause another.
        GC.Collect(0, GCCollectionMode.Forced, blocking: false);
        left = Read(out _lastCollection);
        return left;
    }

    private static double Read(out long collection)
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any);
        collection = info.Index;
        return info.TotalAvailableMemoryBytes <= 0 ? 1 : 1 - ((double)info.MemoryLoadBytes / info.TotalAvailableMemoryBytes);
    }
}
