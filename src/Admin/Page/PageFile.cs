namespace SlimtaFast.Admin.Page;

/// <summary>A file of the page, as it is sent. Immutable.</summary>
/// <param name="Path">Where it is asked for.</param>
/// <param name="ContentType">What it is.</param>
/// <param name="Octets">Its content.</param>
/// <param name="Tag">The entity tag of this content.</param>
internal sealed record PageFile(string Path, string ContentType, byte[] Octets, string Tag);
