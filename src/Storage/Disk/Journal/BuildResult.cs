namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>What a request put into the batch.</summary>
internal enum BuildResult
{
    /// <summary>A record with at least one part.</summary>
    Record,

    /// <summary>Nothing: what it asks for waits for the same flush, or is already so.</summary>
    Nothing,
}
