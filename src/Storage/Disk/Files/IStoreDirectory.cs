namespace SlimtaFast.Storage.Disk.Files;

/// <summary>An open directory. Thread-safe, except that disposing may not overlap a flush.</summary>
internal interface IStoreDirectory : IDisposable
{
    /// <summary>Where it is.</summary>
    string Path { get; }

    /// <summary>Puts the names made, changed and removed in it on stable storage. Failures are <see cref="DiskException"/>s.</summary>
    void Flush();
}
