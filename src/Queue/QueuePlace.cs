namespace SlimtaFast.Queue;

/// <summary>Where in the queue an item is.</summary>
public enum QueuePlace
{
    /// <summary>It waits for its next due time; in a storage that processes share it is in nobody's hands meanwhile.</summary>
    Waiting,

    /// <summary>It is held, for its sender or by an operator; in a storage that processes share by an operator, because there what is held for its sender just waits.</summary>
    Held,

    /// <summary>Its time has come, and it waits for its turn or its next hop.</summary>
    Ready,

    /// <summary>It is being attempted.</summary>
    Attempting,

    /// <summary>Its new state is being recorded.</summary>
    Recording,

    /// <summary>An operator's action on it is under way.</summary>
    Changing,

    /// <summary>In a storage that processes share its time has come, and this one does not have it: another one has, or nobody until its next hop is tried again or somebody has room.</summary>
    Elsewhere,
}
