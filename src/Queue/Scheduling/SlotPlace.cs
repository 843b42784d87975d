namespace SlimtaFast.Queue.Scheduling;

/// <summary>Where in the scheduler an item is: each is in one place at a time.</summary>
internal enum SlotPlace : byte
{
    /// <summary>Nowhere: the slot has no item.</summary>
    None,

    /// <summary>In the heap of those that wait for their due time.</summary>
    Waiting,

    /// <summary>In the heap of those that are held, for their sender or by an operator.</summary>
    Held,

    /// <summary>Off a heap, on its way to its next hop.</summary>
    Moving,

    /// <summary>In its next hop's list, to be read back.</summary>
    Ready,

    /// <summary>In its next hop's list, with its content in memory.</summary>
    Loaded,

    /// <summary>Being read back, or looked after while its hop is suspended.</summary>
    Reading,

    /// <summary>Being attempted.</summary>
    Attempting,

    /// <summary>Its outcome is being recorded.</summary>
    Recording,

    /// <summary>Taken out for an operator, who does something with it.</summary>
    TakenOut,
}
