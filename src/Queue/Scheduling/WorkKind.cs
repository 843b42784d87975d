namespace SlimtaFast.Queue.Scheduling;

/// <summary>What the scheduler wants done with an item.</summary>
internal enum WorkKind : byte
{
    /// <summary>Attempt it; its content is at hand.</summary>
    Attempt,

    /// <summary>Read it back from storage.</summary>
    Read,

    /// <summary>Look after an item whose hop is suspended: it has expired, or may want a delay notice.</summary>
    Review,
}
