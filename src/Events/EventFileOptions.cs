namespace SlimtaFast.Events;

/// <summary>Where events are written, and how much of them is kept. Immutable.</summary>
public sealed record EventFileOptions
{
    /// <summary>The file that is written to; older ones stand beside it as <c>NAME.1</c>, <c>NAME.2</c> and so on.</summary>
    public required string Path { get; init; }

    /// <summary>Octets from which on a new file is begun. Default 100 MiB.</summary>
    public long MaxSize { get; init; } = 100 * 1024 * 1024;

    /// <summary>Files that are kept, the one that is written to included. Default 10.</summary>
    public int Files { get; init; } = 10;

    /// <summary>Events that may wait to be written; further ones are dropped and counted. Default 10,000.</summary>
    public int Buffer { get; init; } = 10_000;
}
