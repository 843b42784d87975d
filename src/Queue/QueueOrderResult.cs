namespace SlimtaFast.Queue;

/// <summary>What became of an operator's order. Immutable.</summary>
/// <param name="Items">What became of each item.</param>
/// <param name="Next">With a filter: where to go on; null where there is nothing behind these.</param>
public sealed record QueueOrderResult(IReadOnlyList<OrderedItem> Items, string? Next);
