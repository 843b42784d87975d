namespace SlimtaFast.Queue;

/// <summary>All that is known of one item. Immutable.</summary>
/// <param name="Item">The item.</param>
/// <param name="Wait">Why it waits, or what is done with it.</param>
/// <param name="Attempts">
/// The last attempts at it that are remembered, the oldest first. They are kept in memory only, so that those before a restart are not among them.
/// </param>
public sealed record ItemDetails(ListedItem Item, ItemWait Wait, IReadOnlyList<PastAttempt> Attempts);
