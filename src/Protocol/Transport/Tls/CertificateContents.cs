namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>What stands in the files of one certificate.</summary>
internal readonly record struct CertificateContents(byte[] Certificate, byte[]? Key, string? Password);
