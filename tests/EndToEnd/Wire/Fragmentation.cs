namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>How what one side says at once is cut into writes.</summary>
public enum Fragmentation
{
    /// <summary>All in one write.</summary>
    Whole,

    /// <summary>A write for each line.</summary>
    Line,

    /// <summary>A write for each octet, and none waits for the one before to be acknowledged.</summary>
    Octet,
}
