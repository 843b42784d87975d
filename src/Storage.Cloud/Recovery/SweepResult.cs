namespace SlimtaFast.Storage.Cloud.Recovery;

/// <summary>What a look through everything found. Immutable.</summary>
/// <param name="Items">Items' objects.</param>
/// <param name="Markers">Items that were missing in the list of due times.</param>
/// <param name="Stray">Objects that were left behind, and are gone now.</param>
internal readonly record struct SweepResult(long Items, long Markers, long Stray);
