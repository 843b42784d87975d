using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage;

/// <summary>Where and how <see cref="DiskStorage"/> keeps mail. Immutable.</summary>
public sealed record DiskStorageOptions
{
    /// <summary>The spool's folder, under which the others stand unless they are named.</summary>
    public required string Directory { get; init; }

    /// <summary>The folder of the envelope files; default <c>env</c>.</summary>
    public string? EnvDirectory { get; init; }

    /// <summary>The folder of the delivery state files; default <c>meta</c>.</summary>
    public string? MetaDirectory { get; init; }

    /// <summary>The folder of files that are not complete yet; default <c>tmp</c>. Must be on the same file system as the other two.</summary>
    public string? TmpDirectory { get; init; }

    /// <summary>The folder of the journal; default <c>journal</c>.</summary>
    public string? JournalDirectory { get; init; }

    /// <summary>The folder for what is damaged or belongs to nothing; default <c>quarantine</c>.</summary>
    public string? QuarantineDirectory { get; init; }

    /// <summary>
    /// True, the default, to write to the journal first and to files later; false to write each message to files of its own. A journal
    /// that is not empty must be emptied before it can be switched off.
    /// </summary>
    public bool Journal { get; init; } = true;

    /// <summary>Octets of each of the journal's segment files; 64 MiB unless set, at least 64 KiB and at most 1 GiB. Files found at start keep their length.</summary>
    public int SegmentBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Octets that the journal may take, beyond which new mail is answered with 452; default 8 GiB, but never more than half of what is
    /// free at start. At least four segments.
    /// </summary>
    public long? JournalMaxBytes { get; init; }

    /// <summary>How long an outcome may be written without being flushed; 10 ms unless set. At a power cut in this time a delivery may be repeated.</summary>
    public TimeSpan OutcomeFlushDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>What has waited in the journal for so long becomes files; ten minutes unless set. When the journal is half full, also what has not.</summary>
    public TimeSpan SpoolAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many items a second become files at most; 500 unless set.</summary>
    public int SpoolFilesPerSecond { get; init; } = 500;

    /// <summary>How long after a failure of the disk it is tried again; one second unless set.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Threads that read waiting items back; 2 unless set.</summary>
    public int ReaderThreads { get; init; } = 2;

    /// <summary>Threads that read spool files at start, each one file at a time: what a cold disk can do at once; 16 unless set.</summary>
    public int ScanThreads { get; init; } = 16;

    /// <summary>See <see cref="SpoolSettings.LargeSpool"/>.</summary>
    internal int LargeSpool { get; init; } = SpoolSettings.UsualLargeSpool;
}
