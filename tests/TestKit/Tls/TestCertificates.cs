using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SlimtaFast.TestKit.Tls;

/// <summary>An authority of one test run, and certificates that it issues. Nothing is written unless a test asks for files.</summary>
public sealed class TestCertificates : IDisposable
{
    private const string Name = "CN=Test authority";

    // Under the arc of RFC 5612, for documentation.
    private const string UnknownExtension = "1.3.6.1.4.1.32473.1";

    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    /// <summary>The authority without its key.</summary>
    public X509Certificate2Collection Authorities => [X509CertificateLoader.LoadCertificate(_authority.RawData)];

    /// <summary>The authority in PEM.</summary>
    public string AuthorityPem => _authority.ExportCertificatePem();

    /// <summary>A certificate with its key for these names; the first is also the common name.</summary>
    public X509Certificate2 Issue(params string[] names) => Issue(HashAlgorithmName.SHA256, names);

    /// <summary>The same with another hash in its signature.</summary>
    public X509Certificate2 Issue(HashAlgorithmName hash, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 issued = Sign(new CertificateRequest(Subject(names), key, hash), names);
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>A certificate for a client whose subject is given as it is, with an extension of so many octets that nobody knows.</summary>
    public X509Certificate2 IssueOdd(X500DistinguishedName subject, int ballast = 0)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (ballast > 0)
            request.CertificateExtensions.Add(new X509Extension(UnknownExtension, new byte[ballast], critical: false));
        using X509Certificate2 issued = Sign(request, []);
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>A certificate for a client behind so many authorities, each issued by the one before; the authorities come first in the collection, it last.</summary>
    /// <param name="authorities">How many.</param>
    /// <param name="ballast">Octets of an extension that nobody knows, in each of them.</param>
    public X509Certificate2Collection IssueChain(int authorities, int ballast = 0)
    {
        var chain = new X509Certificate2Collection();
        X509Certificate2 issuer = _authority;
        for (int i = 0; i <= authorities; i++)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            bool isAuthority = i < authorities;
            var request = new CertificateRequest($"CN=chain {i}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
            if (ballast > 0)
                request.CertificateExtensions.Add(new X509Extension(UnknownExtension, new byte[ballast], critical: false));
            using ECDsa signer = issuer.GetECDsaPrivateKey()!;
            using X509Certificate2 issued = request.Create(
                issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [1, .. BitConverter.GetBytes(i)]);
            issuer = issued.CopyWithPrivateKey(key);
            chain.Add(issuer);
        }

        return chain;
    }

    /// <summary>A certificate with an RSA key, for programs that know nothing else.</summary>
    public X509Certificate2 IssueRsa(params string[] names)
    {
        using var key = RSA.Create(2048);
        using X509Certificate2 issued = Sign(new CertificateRequest(Subject(names), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), names);
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>What clients check: that the certificate is one of such an authority.</summary>
    public static bool IsIssued(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate?.Issuer == Name;

    /// <summary>Writes certificate and key into one PEM file.</summary>
    public static void WritePem(X509Certificate2 certificate, string file)
    {
        using AsymmetricAlgorithm key = certificate.GetECDsaPrivateKey() ?? (AsymmetricAlgorithm)certificate.GetRSAPrivateKey()!;
        File.WriteAllText(file, key.ExportPkcs8PrivateKeyPem() + "\n" + certificate.ExportCertificatePem() + "\n");
    }

    public void Dispose() => _authority.Dispose();

    private static string Subject(string[] names) => $"CN={names[0].Replace("*.", "", StringComparison.Ordinal)}";

    private X509Certificate2 Sign(CertificateRequest request, string[] names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }

        if (names.Length > 0)
            request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        // The issuer signs with its own key, whatever the kind of the certificate's.
        using ECDsa signer = _authority.GetECDsaPrivateKey()!;
        return request.Create(_authority.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), serial);
    }
}
