namespace SlimtaFast.Storage;

/// <summary>What a <see cref="QueueCopy"/> is doing.</summary>
public enum QueueCopyStage
{
    /// <summary>It lists what there is to copy.</summary>
    Listing,

    /// <summary>It copies items that the target does not have.</summary>
    Copying,

    /// <summary>It reads both back and compares them, octet for octet.</summary>
    Verifying,

    /// <summary>It removes from the source what was verified.</summary>
    Removing,
}
