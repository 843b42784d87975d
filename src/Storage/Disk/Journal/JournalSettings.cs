namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>The journal's options in the units in which it needs them.</summary>
internal sealed record JournalSettings
{
    /// <summary>Its folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Octets of each segment file, a multiple of a page.</summary>
    public int SegmentBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Files at most.</summary>
    public int MaxSegments { get; init; } = 64;

    /// <summary>Segments that new mail never gets.</summary>
    public int ReserveSegments { get; init; } = 1;

    /// <summary>Segments kept ready ahead of need, beside the reserve.</summary>
    public int ReadySegments { get; init; } = 2;

    /// <summary>Octets gathered into one write at most, as far as a single record is not larger.</summary>
    public int MaxBatchBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long an outcome may be written without being flushed.</summary>
    public TimeSpan OutcomeFlushDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How long outcomes are gathered at most where they come thick and fast.</summary>
    public TimeSpan OutcomeGatherDelay { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How long to wait after a failure of the medium before trying again.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}
