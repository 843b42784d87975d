namespace SlimtaFast.TestKit.Files;

/// <summary>What a step does with the disk.</summary>
public enum DiskStepKind
{
    /// <summary>Makes and opens a file.</summary>
    Create,

    /// <summary>Opens a file.</summary>
    Open,

    /// <summary>Opens a directory.</summary>
    OpenDirectory,

    /// <summary>Makes a directory.</summary>
    CreateDirectory,

    /// <summary>Lists a directory.</summary>
    List,

    /// <summary>Renames a file.</summary>
    Rename,

    /// <summary>Removes a name.</summary>
    Delete,

    /// <summary>Takes a lock.</summary>
    Lock,

    /// <summary>Reads from a file.</summary>
    Read,

    /// <summary>Writes to a file.</summary>
    Write,

    /// <summary>Flushes a file.</summary>
    Flush,

    /// <summary>Reserves room for a file.</summary>
    Allocate,

    /// <summary>Cuts or extends a file.</summary>
    SetLength,

    /// <summary>Flushes a directory.</summary>
    FlushDirectory,
}
