using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Tests.Disk.Crash;

/// <summary>What a test asked a storage to do with one item, and what it was told.</summary>
internal sealed class TrackedItem
{
    public required QueueItem Item { get; init; }

    public required byte[] Bytes { get; init; }

    /// <summary>Items of one write carry the same number.</summary>
    public required int Write { get; set; }

    /// <summary>For a bounce: the item whose state it came with, and the version of that state.</summary>
    public TrackedItem? Parent { get; init; }

    public int ParentVersion { get; init; }

    public bool IsAcknowledged { get; set; }

    /// <summary>The latest state asked for, and the latest acknowledged.</summary>
    public DeliveryState Asked { get; set; } = null!;

    public int AcknowledgedVersion { get; set; }

    /// <summary>The version of the state that closes it; 0 for none, -1 for a removal.</summary>
    public int ClosingVersion { get; set; }

    public bool IsClosingAsked { get; set; }

    public bool IsClosed { get; set; }

    public QueueId Id => Item.Envelope.Id;
}
