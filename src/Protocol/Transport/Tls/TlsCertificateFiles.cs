namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>Where one certificate is kept. Immutable.</summary>
/// <param name="Certificate">
/// PEM with the certificate first and its chain behind it, or PKCS#12, which is told by its content.
/// </param>
/// <param name="Key">PEM with the private key; null where it stands in the certificate's file.</param>
/// <param name="Password">A file whose first line is the password of the key or of the PKCS#12 file; null where there is none.</param>
public sealed record TlsCertificateFiles(string Certificate, string? Key = null, string? Password = null);
