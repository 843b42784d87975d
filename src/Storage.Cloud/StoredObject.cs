namespace SlimtaFast.Storage.Cloud;

/// <summary>A small object as it was read. Immutable.</summary>
/// <param name="Bytes">Its octets.</param>
/// <param name="Tag">What changes with each write to it; a condition may name it.</param>
public sealed record StoredObject(ReadOnlyMemory<byte> Bytes, string Tag);
