using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>What the index needs to know of one part of a record, whether just written, scanned, or read from a segment's index.</summary>
internal struct JournalPart
{
    /// <summary>Head, State or Close; contents are not indexed by themselves.</summary>
    public PartKind Kind;

    /// <summary>Details.</summary>
    public PartFlags Flags;

    /// <summary>The item.</summary>
    public QueueId Id;

    /// <summary>The content's name, where it is a file.</summary>
    public QueueId ContentId;

    /// <summary>When the next attempt is due, in UTC ticks.</summary>
    public long DueTicks;

    /// <summary>Octets of added headers and content.</summary>
    public long Length;

    /// <summary>Attempts so far.</summary>
    public int Attempts;

    /// <summary>Version of the state.</summary>
    public int Version;

    /// <summary>What decides over the order of work; that of any message except in heads.</summary>
    public Urgency Urgency;

    /// <summary>Where the record starts in its segment.</summary>
    public uint Offset;

    /// <summary>Octets of the whole record.</summary>
    public uint RecordLength;

    /// <summary>The domain that decides the next hop: of a head always, of a state where it has a routing domain; else null.</summary>
    public string? Domain;
}
