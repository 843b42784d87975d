namespace SlimtaFast.Dns;

/// <summary>A certificate association (RFC 6698). Immutable.</summary>
/// <param name="Usage">Certificate usage, 0 to 3.</param>
/// <param name="Selector">0 for the certificate, 1 for its public key.</param>
/// <param name="Matching">0 for the bytes, 1 for SHA-256, 2 for SHA-512.</param>
/// <param name="Data">The association data.</param>
public sealed record TlsaRecord(byte Usage, byte Selector, byte Matching, ReadOnlyMemory<byte> Data);
