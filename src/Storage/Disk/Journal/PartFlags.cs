namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>Details of a part. The numbers are part of the format.</summary>
[Flags]
internal enum PartFlags : byte
{
    /// <summary>Nothing special: a head's content stands in the same record.</summary>
    None = 0,

    /// <summary>The head's content is a spool file named by the content.</summary>
    ContentInFile = 1,

    /// <summary>The head's state has a routing domain.</summary>
    Rerouted = 2,
}
