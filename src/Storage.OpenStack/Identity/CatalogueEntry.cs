namespace SlimtaFast.Storage.OpenStack.Identity;

/// <summary>An address of a service. Immutable.</summary>
/// <param name="Type">The service's type, such as <c>object-store</c>; empty for any.</param>
/// <param name="Region">The region; may be empty.</param>
/// <param name="Address">The address, without a slash at its end.</param>
internal sealed record CatalogueEntry(string Type, string Region, string Address);
