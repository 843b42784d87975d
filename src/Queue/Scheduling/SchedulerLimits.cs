namespace SlimtaFast.Queue.Scheduling;

/// <summary>The bounds on work and memory of a scheduler. Immutable.</summary>
/// <param name="Hold">Store only: nothing is handed out.</param>
/// <param name="Attempts">Attempts at once, over all hops.</param>
/// <param name="Recording">Outcomes being recorded at once, beyond which no attempt starts.</param>
/// <param name="ResidentItems">New items that stay in memory until their first attempt.</param>
/// <param name="ResidentOctets">Octets that these may hold.</param>
/// <param name="DelayNotice">Age at which a delay may have to be reported.</param>
/// <param name="MaxAge">Age at which an item expires.</param>
/// <param name="Shared">True where items that have to wait go back to a storage that processes share, instead of waiting here.</param>
/// <param name="HopReady">Items of one hop that may wait for their turn here, where the storage is shared.</param>
internal sealed record SchedulerLimits(
    bool Hold, int Attempts, int Recording, int ResidentItems, long ResidentOctets, TimeSpan DelayNotice, TimeSpan MaxAge,
    bool Shared = false, int HopReady = int.MaxValue);
