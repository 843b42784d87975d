using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Protocol.Tests.Transport.Tls;

public sealed class TlsCertificatesTests : IDisposable
{
    private readonly TestCertificates _authority = new();
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(null, "first.example")]
    [InlineData("", "first.example")]
    [InlineData("nobody.example", "first.example")]
    [InlineData("second.example", "second.example")]
    [InlineData("SECOND.Example.", "second.example")]
    [InlineData("other.example", "second.example")]
    [InlineData("mx.wild.example", "wild.example")]
    [InlineData("wild.example", "first.example")]
    [InlineData("a.mx.wild.example", "first.example")]
    [InlineData(".wild.example", "first.example")]
    [InlineData("exact.wild.example", "exact.wild.example")]
    public void Wish_of_the_client_chooses(string? wish, string chosen)
    {
        using var certificates = new TlsCertificates(
            _authority.Issue("first.example"), _authority.Issue("second.example", "other.example"), _authority.Issue("*.wild.example"), _authority.Issue("exact.wild.example"));
        Assert.Equal($"CN={chosen}", certificates.Find(wish).TargetCertificate.Subject);
    }

    [Property]
    public void No_wish_fails(string? wish)
    {
        using var certificates = new TlsCertificates(_authority.Issue("first.example"), _authority.Issue("*.wild.example"));
        Assert.NotNull(certificates.Find(wish));
    }

    [Fact]
    public void Pem_with_the_key_in_its_own_file_or_in_the_same()
    {
        using X509Certificate2 certificate = _authority.Issue("mx.example");
        TestCertificates.WritePem(certificate, _folder["both.pem"]);
        File.WriteAllText(_folder["cert.pem"], certificate.ExportCertificatePem() + "\n" + _authority.AuthorityPem);
        File.WriteAllText(_folder["key.pem"], certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        foreach (TlsCertificateFiles files in new[] { new TlsCertificateFiles(_folder["both.pem"]), new TlsCertificateFiles(_folder["cert.pem"], _folder["key.pem"]) })
        {
            using var certificates = new TlsCertificates([files], _time, Timeout.InfiniteTimeSpan);
            X509Certificate2 loaded = Assert.Single(certificates.Current);
            Assert.Equal(certificate.Thumbprint, loaded.Thumbprint);
            Assert.True(loaded.HasPrivateKey);
        }
    }

    [Fact]
    public void Keys_with_a_password_are_opened_by_its_file()
    {
        using X509Certificate2 certificate = _authority.Issue("mx.example");
        File.WriteAllBytes(_folder["mx.p12"], certificate.Export(X509ContentType.Pkcs12, "geheim"));
        var pbe = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        File.WriteAllText(_folder["mx.pem"], certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("geheim", pbe));
        File.WriteAllText(_folder["password"], "geheim\nand a comment\n");
        foreach (string file in new[] { "mx.p12", "mx.pem" })
        {
            using var certificates = new TlsCertificates([new TlsCertificateFiles(_folder[file], null, _folder["password"])], _time, Timeout.InfiniteTimeSpan);
            Assert.Equal(certificate.Thumbprint, Assert.Single(certificates.Current).Thumbprint);
        }

        File.WriteAllText(_folder["password"], "wrong\n");
        foreach (string file in new[] { "mx.p12", "mx.pem" })
        {
            var failure = Assert.Throws<TlsCertificateException>(
                () => new TlsCertificates([new TlsCertificateFiles(_folder[file], null, _folder["password"])], _time, Timeout.InfiniteTimeSpan));
            Assert.Contains(file, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Files_without_a_certificate_are_refused_by_name()
    {
        File.WriteAllText(_folder["empty.pem"], "");
        File.WriteAllText(_folder["text.pem"], "certainly no certificate");
        File.WriteAllBytes(_folder["der.p12"], [0x30, 1, 2, 3]);
        using X509Certificate2 one = _authority.Issue("one.example"), other = _authority.Issue("other.example");
        File.WriteAllText(_folder["foreign.pem"], one.ExportCertificatePem() + "\n" + other.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        foreach (string file in new[] { "empty.pem", "text.pem", "der.p12", "foreign.pem", "missing.pem" })
        {
            var failure = Assert.Throws<TlsCertificateException>(() => new TlsCertificates([new TlsCertificateFiles(_folder[file])], _time, Timeout.InfiniteTimeSpan));
            Assert.Contains(file, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Changed_files_are_taken_over_and_bad_ones_leave_the_old()
    {
        using X509Certificate2 first = _authority.Issue("mx.example"), second = _authority.Issue("mx.example");
        string file = _folder["mx.pem"];
        TestCertificates.WritePem(first, file);
        var reloads = new List<TlsReload>();
        using var certificates = new TlsCertificates([new TlsCertificateFiles(file)], _time, TimeSpan.FromMinutes(1), reloads.Add);
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Empty(reloads);

        File.WriteAllText(file, "half a fi");
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.NotNull(Assert.Single(reloads).Failure);
        Assert.Equal(first.Thumbprint, certificates.Current[0].Thumbprint);

        File.Delete(file);
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(2, reloads.Count);
        Assert.Equal(first.Thumbprint, certificates.Current[0].Thumbprint);

        TestCertificates.WritePem(second, file);
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(3, reloads.Count);
        Assert.Null(reloads[2].Failure);
        Assert.Equal(second.Thumbprint, certificates.Current[0].Thumbprint);
        Assert.Equal(second.Thumbprint, certificates.Find("mx.example").TargetCertificate.Thumbprint);
    }

    [Theory]
    [InlineData("SHA256")]
    [InlineData("SHA384")]
    [InlineData("SHA512")]
    public void Channel_binding_is_hashed_as_the_signature_is(string hash)
    {
        var name = new HashAlgorithmName(hash);
        using X509Certificate2 certificate = _authority.Issue(name, "mx.example");
        Assert.Equal(CryptographicOperations.HashData(name, certificate.RawData), ServerEndPointBinding.Compute(certificate).ToArray());
    }

    [Theory]
    [InlineData("SHA256")]
    [InlineData("SHA384")]
    [InlineData("SHA512")]
    public void Channel_binding_knows_the_hash_of_rsa_signatures(string hash)
    {
        using var key = RSA.Create(2048);
        foreach (RSASignaturePadding padding in new[] { RSASignaturePadding.Pkcs1, RSASignaturePadding.Pss })
        {
            var request = new CertificateRequest("CN=mx.example", key, new HashAlgorithmName(hash), padding);
            using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
            Assert.Equal(CryptographicOperations.HashData(new HashAlgorithmName(hash), certificate.RawData), ServerEndPointBinding.Compute(certificate).ToArray());
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }
}
