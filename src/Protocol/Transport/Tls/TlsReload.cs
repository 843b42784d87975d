using System.Security.Cryptography.X509Certificates;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>What became of changed certificate files. Immutable.</summary>
/// <param name="Current">The certificates in use from now on.</param>
/// <param name="Failure">Why the old ones are still in use; null where the new ones are.</param>
public sealed record TlsReload(IReadOnlyList<X509Certificate2> Current, TlsCertificateException? Failure);
