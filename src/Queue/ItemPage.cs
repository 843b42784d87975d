namespace SlimtaFast.Queue;

/// <summary>Some of the items that were looked for. Immutable.</summary>
/// <param name="Items">The items, in the order of their places in memory, which stay: so what is queued all the time is on exactly one page.</param>
/// <param name="Next">
/// Where the next page begins; null where there is none. A page may be short or empty and have another behind it, because a call does so much work only.
/// </param>
public sealed record ItemPage(IReadOnlyList<ListedItem> Items, string? Next);
