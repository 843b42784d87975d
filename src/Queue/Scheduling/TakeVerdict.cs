namespace SlimtaFast.Queue.Scheduling;

/// <summary>Whether an item was taken out of the scheduler.</summary>
internal enum TakeVerdict : byte
{
    /// <summary>It is in none of the scheduler's lists any more.</summary>
    Taken,

    /// <summary>Something is being done with it.</summary>
    Busy,

    /// <summary>It is gone.</summary>
    Gone,

    /// <summary>It is in none of the places that were asked for.</summary>
    Elsewhere,
}
