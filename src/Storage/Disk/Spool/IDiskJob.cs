namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>Something that blocks on the disk and is therefore done on a <see cref="DiskWorkers"/> thread.</summary>
internal interface IDiskJob
{
    /// <summary>Does it. Must not throw: a job tells its owner itself what went wrong.</summary>
    void Run();
}
