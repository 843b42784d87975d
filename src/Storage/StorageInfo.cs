namespace SlimtaFast.Storage;

/// <summary>What a storage says of itself. Immutable.</summary>
/// <param name="Items">Items stored.</param>
/// <param name="Bytes">Octets that they take, approximately.</param>
/// <param name="AcceptsNew">False while new mail would be refused, because the medium is full or failing.</param>
/// <param name="Problem">Why, in words for an operator; null where all is well.</param>
public readonly record struct StorageInfo(long Items, long Bytes, bool AcceptsNew, string? Problem);
