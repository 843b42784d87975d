namespace SlimtaFast.Queue;

/// <summary>Some of the items that were looked for. Immutable.</summary>
/// <param name="Items">
/// The items, in the order of their places in memory or in the storage, which stay: so what is queued all the time is on one page. (A storage that processes
/// share may name one twice now and then.)
/// </param>
/// <param name="Next">
/// Where the next page begins; null where there is none. A page may be short or empty and have another behind it, because a call does so much work only.
/// </param>
/// <param name="OnlyThisProcess">True where processes share the storage, and only what this one has of it was looked at.</param>
public sealed record ItemPage(IReadOnlyList<ListedItem> Items, string? Next, bool OnlyThisProcess = false);
