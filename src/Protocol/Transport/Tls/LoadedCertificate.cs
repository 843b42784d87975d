using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>A certificate with its chain and key, made ready once for all handshakes. Immutable.</summary>
internal sealed class LoadedCertificate
{
    /// <summary>Makes a certificate ready; it must have its key.</summary>
    public LoadedCertificate(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        Certificate = certificate;

        // Offline: no request to anybody at start or reload.
        Context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        Names = ReadNames(certificate);
    }

    /// <summary>The certificate.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>What handshakes use.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>The DNS names that it is for, some with a leading <c>*.</c></summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>
    /// Reads the octets of the files; fails with <see cref="CryptographicException"/> or <see cref="ArgumentException"/> where they hold no
    /// certificate with its key.
    /// </summary>
    public static LoadedCertificate Parse(byte[] certificate, byte[]? key, string? password)
    {
        // DER starts with a SEQUENCE, PEM with text.
        if (certificate is [0x30, ..])
            return ParsePkcs12(certificate, password);
        string text = Encoding.UTF8.GetString(certificate);
        string keyText = key is null ? text : Encoding.UTF8.GetString(key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(text);
        if (chain.Count == 0)
            throw new CryptographicException("There is no certificate in the file.");
        X509Certificate2 own = password is null ? X509Certificate2.CreateFromPem(text, keyText) : X509Certificate2.CreateFromEncryptedPem(text, keyText, password);
        chain.RemoveAt(0);
        return new LoadedCertificate(own, chain);
    }

    private static LoadedCertificate ParsePkcs12(byte[] bytes, string? password)
    {
        X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12Collection(bytes, password, X509KeyStorageFlags.EphemeralKeySet);
        X509Certificate2 own = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new CryptographicException("There is no private key in the file.");
        all.Remove(own);
        return new LoadedCertificate(own, all);
    }

    // RFC 6125 section 6.4.4: the common name counts only where there is no subject alternative name.
    private static List<string> ReadNames(X509Certificate2 certificate)
    {
        List<string> names = [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames())];
        if (names.Count == 0 && certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common)
            names.Add(common);
        return names;
    }
}
