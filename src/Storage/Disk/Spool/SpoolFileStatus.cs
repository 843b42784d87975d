namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>What reading a spool file came to.</summary>
internal enum SpoolFileStatus
{
    /// <summary>There is no such file.</summary>
    Missing,

    /// <summary>It is not what its name says, or not whole.</summary>
    Damaged,

    /// <summary>It was read.</summary>
    Intact,
}
