namespace SlimtaFast.Storage.Disk;

/// <summary>More about a stored item.</summary>
[Flags]
internal enum StoredItemFlags : byte
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>It has spool files of its own.</summary>
    HasFiles = 1,

    /// <summary>A head of it, in the journal or in its file, names a content that has a spool file of its own.</summary>
    ContentInFile = 2,

    /// <summary>A record that closes it is written but not yet flushed.</summary>
    Closing = 4,

    /// <summary>Recovery saw a state, but neither head nor file so far.</summary>
    StateOnly = 8,

    /// <summary>Files of its own are being written, or were and this failed: there may be some.</summary>
    MayHaveFiles = 16,

    /// <summary>Its domain is that of a state, and stays whatever a head says that turns up later.</summary>
    Rerouted = 32,
}
