namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>Which file a <see cref="SpoolContent"/> is in.</summary>
internal enum SpoolContentPlace
{
    /// <summary>A scratch file, gone with the last reference.</summary>
    Scratch,

    /// <summary>A file named by the content, whose name is not yet flushed.</summary>
    Named,

    /// <summary>A file named by the content, to stay.</summary>
    Stored,

    /// <summary>The file of an item.</summary>
    InItem,
}
