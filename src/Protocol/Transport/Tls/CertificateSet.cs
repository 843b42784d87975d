using System.Net.Security;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>
/// The certificates of one reading of the files, by the names that they are for. The first is for everybody who asks for none of them.
/// Immutable and thread-safe.
/// </summary>
internal sealed class CertificateSet
{
    private readonly Dictionary<string, SslStreamCertificateContext> _names = new(StringComparer.OrdinalIgnoreCase);

    // By what stands behind the star: *.example.org is for mx.example.org, and not for example.org or a.mx.example.org.
    private readonly Dictionary<string, SslStreamCertificateContext> _parents = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sorts the certificates by name; at least one. Of two for the same name the first is taken.</summary>
    public CertificateSet(IReadOnlyList<LoadedCertificate> certificates)
    {
        Certificates = certificates;
        foreach (LoadedCertificate certificate in certificates)
        {
            foreach (string name in certificate.Names)
            {
                if (name.StartsWith("*.", StringComparison.Ordinal))
                    _parents.TryAdd(name[2..], certificate.Context);
                else
                    _names.TryAdd(name, certificate.Context);
            }
        }
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<LoadedCertificate> Certificates { get; }

    /// <summary>The certificate for a name that a client asked for; null or unknown names get the first.</summary>
    public SslStreamCertificateContext Find(string? serverName)
    {
        if (!string.IsNullOrEmpty(serverName))
        {
            string name = serverName.TrimEnd('.');
            if (_names.TryGetValue(name, out SslStreamCertificateContext? exact))
                return exact;
            int dot = name.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && _parents.TryGetValue(name[(dot + 1)..], out SslStreamCertificateContext? parent))
                return parent;
        }

        return Certificates[0].Context;
    }
}
