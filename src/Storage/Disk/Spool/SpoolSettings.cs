namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>Where the spool is. The folders are made where missing and must be on one file system; some or all may be the same.</summary>
internal sealed record SpoolSettings
{
    /// <summary>What <see cref="LargeSpool"/> is unless a test wants less: the file system names so many in a tenth of a second.</summary>
    public const int UsualLargeSpool = 10_000;

    /// <summary>Where envelopes and contents are: <c>.env</c> files.</summary>
    public required string EnvelopeFolder { get; init; }

    /// <summary>Where delivery states are: <c>.meta</c> files.</summary>
    public required string StateFolder { get; init; }

    /// <summary>Where files are until they are whole. Scratch files that a crash left there are removed at start.</summary>
    public required string ScratchFolder { get; init; }

    /// <summary>Where files go that nothing names or that are damaged.</summary>
    public required string QuarantineFolder { get; init; }

    /// <summary>Contents up to so many octets are read into memory as a whole, larger ones piece by piece.</summary>
    public int InMemoryLimit { get; init; } = 128 * 1024;

    /// <summary>Threads that write what arrives of large contents.</summary>
    public int WriterThreads { get; init; } = 2;

    /// <summary>Threads that flush, each one file at a time.</summary>
    public int FlusherThreads { get; init; } = 4;

    /// <summary>Threads that read, each one file at a time: what a cold disk can do at once.</summary>
    public int ReaderThreads { get; init; } = 16;

    /// <summary>
    /// A scan that has met so many names hands out its oldest items so far at once: delivery should begin before millions are listed and
    /// put in order.
    /// </summary>
    public int LargeSpool { get; init; } = UsualLargeSpool;

    /// <summary>The usual folders below one.</summary>
    public static SpoolSettings Below(string folder) => new()
    {
        EnvelopeFolder = Path.Combine(folder, "env"),
        StateFolder = Path.Combine(folder, "meta"),
        ScratchFolder = Path.Combine(folder, "tmp"),
        QuarantineFolder = Path.Combine(folder, "quarantine"),
    };
}
