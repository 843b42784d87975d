namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>How a request is treated.</summary>
internal enum RequestClass
{
    /// <summary>New mail: somebody waits for a 250. Flushed at once; refused when the journal is full.</summary>
    NewMail,

    /// <summary>What became of an attempt: written at once, flushed a little later, and may use the reserve.</summary>
    Outcome,

    /// <summary>The storage's own moving of records: flushed at once, and may use the reserve.</summary>
    Move,
}
