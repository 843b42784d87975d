namespace SlimtaFast.Storage;

/// <summary>What a claim brought. Immutable.</summary>
/// <param name="Items">The items, leased to the caller, those that are due longest first.</param>
/// <param name="NextIn">
/// How long from now, by the storage's clock, until another item is due or another holder's lease ends; zero or less where more could be claimed at
/// once, null where the storage knows of none.
/// </param>
public sealed record ClaimResult(IReadOnlyList<ClaimedItem> Items, TimeSpan? NextIn);
