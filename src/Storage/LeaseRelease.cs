namespace SlimtaFast.Storage;

/// <summary>An item that is given back without an outcome. Immutable.</summary>
/// <param name="Lease">The lease that ends with it.</param>
/// <param name="DueAt">When the item may be claimed again; its state does not change. What has passed means at once.</param>
public readonly record struct LeaseRelease(QueueLease Lease, DateTimeOffset DueAt);
