namespace SlimtaFast.Storage;

/// <summary>Whose fault a storage failure is, which decides the reply: 451, 452 or 421.</summary>
public enum StorageFailure
{
    /// <summary>The medium fails or cannot be reached: 451 4.3.0.</summary>
    Unavailable,

    /// <summary>No room, or a configured bound is reached: 452 4.3.1.</summary>
    Full,

    /// <summary>It took longer than the caller would wait: 451 4.3.0; the items are possibly stored.</summary>
    DeadlinePassed,

    /// <summary>The storage is being shut down: 421 4.3.2.</summary>
    Stopping,
}
