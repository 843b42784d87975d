namespace SlimtaFast.Storage.Cloud;

/// <summary>What a store tells of an object without reading it. Immutable.</summary>
/// <param name="Name">Its name, without what the store puts in front of all names.</param>
/// <param name="Length">Octets.</param>
/// <param name="Tag">What changes with each write to it.</param>
/// <param name="ModifiedAt">When it was written, by the store's clock, to the second.</param>
public sealed record ObjectFacts(string Name, long Length, string Tag, DateTimeOffset ModifiedAt);
