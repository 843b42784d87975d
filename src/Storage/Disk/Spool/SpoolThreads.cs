namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>The threads of a spool by what they wait for: a reader does not stand behind a flush of a hundred megabytes.</summary>
internal sealed class SpoolThreads : IDisposable
{
    /// <summary>Starts them.</summary>
    public SpoolThreads(SpoolSettings settings)
    {
        Writers = new DiskWorkers("spool writer", settings.WriterThreads);
        Flushers = new DiskWorkers("spool flusher", settings.FlusherThreads);
        Readers = new DiskWorkers("spool reader", settings.ReaderThreads);
    }

    /// <summary>Write what arrives; seldom for long, since the system buffers.</summary>
    public DiskWorkers Writers { get; }

    /// <summary>Write whole files and flush them.</summary>
    public DiskWorkers Flushers { get; }

    /// <summary>Read.</summary>
    public DiskWorkers Readers { get; }

    /// <summary>Ends them after what they have to do.</summary>
    public void Dispose()
    {
        Writers.Dispose();
        Flushers.Dispose();
        Readers.Dispose();
    }
}
