namespace SlimtaFast.Queue;

/// <summary>What an operator has done with items of the queue.</summary>
public enum QueueAction
{
    /// <summary>
    /// Attempt it now instead of when it is due; where its next hop is suspended because it was down, that is tried now. Nothing is written: after a
    /// crash the item waits as before.
    /// </summary>
    Retry,

    /// <summary>Keep it, and attempt nothing until it is released. Neither age nor deadline end that, and a restart does not either.</summary>
    Hold,

    /// <summary>Let go of what an operator holds, or its sender had held: it is attempted now.</summary>
    Release,

    /// <summary>Throw it away without telling anybody.</summary>
    Remove,

    /// <summary>Give it up, and report that to its sender as any failure is reported.</summary>
    Bounce,

    /// <summary>
    /// Send it by the route of another domain than its recipients' from now on, or by their own again, and attempt it now; what is held stays held, and goes that
    /// way once it is released. The envelope does not change.
    /// </summary>
    Reroute,
}
