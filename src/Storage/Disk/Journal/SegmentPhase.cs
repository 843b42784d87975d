namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>Where a segment stands.</summary>
internal enum SegmentPhase
{
    /// <summary>Records are being added.</summary>
    Active,

    /// <summary>No more records; its index is still to be written.</summary>
    Full,

    /// <summary>Its index and end are on stable storage.</summary>
    Sealed,

    /// <summary>Its records are dead, and stable storage says so.</summary>
    Freed,
}
