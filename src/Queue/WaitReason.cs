namespace SlimtaFast.Queue;

/// <summary>Why an item of the queue waits, or what is done with it.</summary>
public enum WaitReason
{
    /// <summary>Its next attempt is not due yet.</summary>
    NotDue,

    /// <summary>Its sender had it held (RFC 4865).</summary>
    HeldForSender,

    /// <summary>An operator holds it.</summary>
    HeldByOperator,

    /// <summary>The whole queue stores only: <c>hold:</c>.</summary>
    QueueHolds,

    /// <summary>An operator has paused all deliveries.</summary>
    Paused,

    /// <summary>An operator has suspended its next hop.</summary>
    HopStopped,

    /// <summary>Its next hop is down.</summary>
    HopSuspended,

    /// <summary>Its next hop was down; one attempt at a time finds out whether it works again.</summary>
    HopProbed,

    /// <summary>Its next hop has as many attempts as it takes at once at present.</summary>
    HopLimit,

    /// <summary>There are as many attempts as there may be, over all next hops, or as many as leave some for the others.</summary>
    AttemptLimit,

    /// <summary>So many outcomes wait for the storage that no attempt starts.</summary>
    StorageBusy,

    /// <summary>The storage failed to give an item back a moment ago.</summary>
    StorageTrouble,

    /// <summary>Nothing is in its way: its turn comes, or it is being read back.</summary>
    Turn,

    /// <summary>It is being attempted.</summary>
    BeingAttempted,

    /// <summary>A new state of it is being recorded.</summary>
    BeingRecorded,

    /// <summary>An operator's action on it is under way.</summary>
    BeingChanged,

    /// <summary>Its time has come, but this process does not have it: another one has, or somebody takes it when there is room or when its next hop is tried again.</summary>
    NotHere,
}
