using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>All that the scheduler keeps of an item: 48 octets, so that a million waiting items stay small.</summary>
internal struct QueueSlot
{
    /// <summary>The item.</summary>
    public QueueId Id;

    /// <summary>The item with a reference to its content while it is in the window; null while only storage has it.</summary>
    public QueueItem? Resident;

    /// <summary>When it is due, in UTC ticks; while it is ready and <see cref="HasDeadline"/>, when it must be looked after at the latest.</summary>
    public long Due;

    /// <summary>Its domain's number in the <see cref="DomainTable"/>.</summary>
    public int Domain;

    /// <summary>The slot behind it in the list that it is in, or -1.</summary>
    public int Next;

    /// <summary>Attempts made, as far as they count for the order of work.</summary>
    public ushort Attempts;

    /// <summary>True where it was read back from storage, and so counts as read ahead.</summary>
    public bool ReadBack;

    /// <summary>True once it was looked at for a delay notice while its hop was suspended.</summary>
    public bool DelayChecked;

    /// <summary>Its priority, from -9 to 9.</summary>
    public sbyte Priority;

    /// <summary>True while it has a deadline at which it must be looked after even though its hop is suspended.</summary>
    public bool HasDeadline;

    /// <summary>True where the domain need not be its recipients'.</summary>
    public bool MayBeRerouted;

    /// <summary>Where it is.</summary>
    public SlotPlace Place;
}
