namespace SlimtaFast.Queue;

/// <summary>What became of an operator's order for one item.</summary>
public enum OrderOutcome
{
    /// <summary>It is done, and would survive a crash.</summary>
    Done,

    /// <summary>The storage has not confirmed it yet; it is tried until it does. A crash before that leaves the item as it was.</summary>
    Pending,

    /// <summary>Nothing was to be done: it is in that state already.</summary>
    Unchanged,

    /// <summary>Refused: it is being attempted, its outcome is being recorded, or another order is at it.</summary>
    Busy,

    /// <summary>Refused: it is held, and has to be released.</summary>
    Held,

    /// <summary>There is no such item, or not any more.</summary>
    NotFound,

    /// <summary>Nothing was done: the item could not be read back from storage.</summary>
    Failed,

    /// <summary>Refused: another process has it at the moment. Ask again, or ask that one.</summary>
    Elsewhere,

    /// <summary>Nothing was done: this process does not have it, and its storage hands nothing out by its id. It may be there, or not.</summary>
    OutOfReach,
}
