namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>What a <c>.env</c> file is.</summary>
internal enum SpoolEntryKind
{
    /// <summary>Gone between listing and reading.</summary>
    Missing,

    /// <summary>Not what its name says, or not whole; it has been moved to the quarantine.</summary>
    Damaged,

    /// <summary>A content for items elsewhere.</summary>
    Content,

    /// <summary>An item.</summary>
    Item,
}
