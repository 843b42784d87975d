namespace SlimtaFast.Storage.Cloud;

/// <summary>Some objects of a listing. Immutable.</summary>
/// <param name="Objects">The objects, in the order of the octets of their names.</param>
/// <param name="HasMore">True where further names follow.</param>
public sealed record ObjectPage(IReadOnlyList<ObjectFacts> Objects, bool HasMore);
