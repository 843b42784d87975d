namespace SlimtaFast.Storage;

/// <summary>What became of leases that were to last longer; those that neither list has do. Immutable.</summary>
/// <param name="Lost">The caller's no more.</param>
/// <param name="Unknown">Those of which nothing is known, because the part of the storage that has them did not answer: they may have been renewed.</param>
/// <param name="Failure">Why nothing is known of them; null where there are none.</param>
public sealed record RenewResult(IReadOnlyList<QueueLease> Lost, IReadOnlyList<QueueLease> Unknown, StorageException? Failure);
