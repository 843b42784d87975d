using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>One <c>.env</c> file as a scan found it, with its state.</summary>
internal readonly record struct SpoolEntry
{
    /// <summary>The id in its name.</summary>
    public required QueueId Name { get; init; }

    /// <summary>What it is; the other members are for items.</summary>
    public required SpoolEntryKind Kind { get; init; }

    /// <summary>What the scheduler must know.</summary>
    public QueueEntry Entry { get; init; }

    /// <summary>Version of the newest state in the files.</summary>
    public int Version { get; init; }

    /// <summary>The content that has a file of its own; none where it is in the item's.</summary>
    public QueueId ContentFile { get; init; }

    /// <summary>True where the <c>.meta</c> file was damaged, moved to the quarantine, and the head's older state counts.</summary>
    public bool HasDamagedState { get; init; }

    /// <summary>True where no recipient is open any more: its removal was cut short.</summary>
    public bool IsClosed { get; init; }
}
