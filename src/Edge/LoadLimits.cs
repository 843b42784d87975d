namespace SlimtaFast.Edge;

/// <summary>From when on a server takes no more mail, so that what it has taken is safe. Immutable.</summary>
public sealed record LoadLimits
{
    /// <summary>
    /// Percent of the memory that the machine or container has, in use by all of it, above which memory is short. 0 for no limit.
    /// Default 97.
    /// </summary>
    public int MaxMemoryPercent { get; init; } = 97;

    /// <summary>Octets that must be free on the file system of each of <see cref="Directories"/>. 0 for no limit. Default 33,554,432.</summary>
    public long MinFreeDisk { get; init; } = 32 * 1024 * 1024;

    /// <summary>Where to look for free disk space; default: nowhere. Set it to where the storage writes.</summary>
    public IReadOnlyList<string> Directories { get; init; } = [];

    /// <summary>Messages, as items of one domain each, that the queue may hold. 0 for no limit. Default 2,000,000.</summary>
    public int MaxQueued { get; init; } = 2_000_000;
}
