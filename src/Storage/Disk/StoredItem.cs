using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk;

/// <summary>
/// Where one item is, in 80 octets: a million of them must fit beside everything else. Segments are named by generation; 0 means none.
/// </summary>
internal struct StoredItem
{
    /// <summary>The item.</summary>
    public QueueId Id;

    /// <summary>When its next attempt is due, in UTC ticks.</summary>
    public long DueTicks;

    /// <summary>Octets of added headers and content.</summary>
    public long Length;

    /// <summary>The segment with its head, or 0 where it has only spool files.</summary>
    public int HeadSegment;

    /// <summary>Where the head's record starts.</summary>
    public uint HeadOffset;

    /// <summary>Octets of the head's record.</summary>
    public uint HeadLength;

    /// <summary>The segment with its latest state, or 0 where that is in the head or the spool file.</summary>
    public int StateSegment;

    /// <summary>Where the state's record starts.</summary>
    public uint StateOffset;

    /// <summary>Octets of the state's record.</summary>
    public uint StateLength;

    /// <summary>Version of the latest state.</summary>
    public int Version;

    /// <summary>Attempts so far.</summary>
    public int Attempts;

    /// <summary>Its domain in the <see cref="DomainTable"/>.</summary>
    public int Domain;

    /// <summary>A segment that still has an older copy of the head, so that a closing must outlive it; or 0.</summary>
    public int MovedFrom;

    /// <summary>More about it.</summary>
    public StoredItemFlags Flags;

    /// <summary>What decides over the order of work.</summary>
    public Urgency Urgency;

    /// <summary>The next item of the same hash bucket, for <see cref="ItemTable"/>.</summary>
    public int Next;

    /// <summary>True where any of the flags is set.</summary>
    public readonly bool Has(StoredItemFlags flags) => (Flags & flags) != 0;
}
