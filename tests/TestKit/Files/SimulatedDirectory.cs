namespace SlimtaFast.TestKit.Files;

/// <summary>A directory of the simulated disk: the names that programs see, those that a power cut leaves, and the changes between.</summary>
internal sealed class SimulatedDirectory
{
    /// <summary>What programs see.</summary>
    public Dictionary<string, SimulatedNode> Current { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>What would be there after a power cut that keeps nothing unflushed.</summary>
    public Dictionary<string, SimulatedNode> Stable { get; } = new(StringComparer.Ordinal);

    /// <summary>Unflushed changes in the order in which they were made.</summary>
    public List<SimulatedRename> Pending { get; } = [];

    /// <summary>Makes all changes of this directory stable.</summary>
    public void Flush()
    {
        foreach (SimulatedRename change in Pending)
            change.Flush(this);
        Pending.Clear();
    }

    /// <summary>After a power cut: what is stable is all there is.</summary>
    public void Restart()
    {
        Pending.Clear();
        Current = new Dictionary<string, SimulatedNode>(Stable, StringComparer.Ordinal);
    }
}
