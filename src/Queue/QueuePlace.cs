namespace SlimtaFast.Queue;

/// <summary>Where in the queue an item is.</summary>
public enum QueuePlace
{
    /// <summary>It waits for its next due time.</summary>
    Waiting,

    /// <summary>It is held, for its sender or by an operator.</summary>
    Held,

    /// <summary>Its time has come, and it waits for its turn or its next hop.</summary>
    Ready,

    /// <summary>It is being attempted.</summary>
    Attempting,

    /// <summary>Its new state is being recorded.</summary>
    Recording,

    /// <summary>An operator's action on it is under way.</summary>
    Changing,

    /// <summary>In a storage that processes share, and not in the hands of this one. Nothing there is listed; one that is asked for by its id is shown.</summary>
    Elsewhere,
}
