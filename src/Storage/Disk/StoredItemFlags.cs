namespace SlimtaFast.Storage.Disk;

/// <summary>More about a stored item.</summary>
[Flags]
internal enum StoredItemFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>It has spool files of its own.</summary>
    HasFiles = 1,

    /// <summary>Its content is a spool file named by the content.</summary>
    ContentInFile = 2,

    /// <summary>A record that closes it is written but not yet flushed.</summary>
    Closing = 4,

    /// <summary>Recovery saw a state, but neither head nor file so far.</summary>
    StateOnly = 8,
}
