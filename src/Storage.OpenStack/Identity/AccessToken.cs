namespace SlimtaFast.Storage.OpenStack.Identity;

/// <summary>A token and where it may be used. Immutable.</summary>
/// <param name="Text">What goes into <c>X-Auth-Token</c>; empty where nobody asks.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Services">The services' addresses.</param>
internal sealed record AccessToken(string Text, DateTimeOffset ExpiresAt, IReadOnlyList<CatalogueEntry> Services);
