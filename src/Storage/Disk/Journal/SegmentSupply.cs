namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>Whether there is a segment to go on in.</summary>
internal enum SegmentSupply
{
    /// <summary>There is.</summary>
    Ready,

    /// <summary>The journal has its maximum size, or the medium has no room.</summary>
    Full,

    /// <summary>The medium fails.</summary>
    Failing,
}
