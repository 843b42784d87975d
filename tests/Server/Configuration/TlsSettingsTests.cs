using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Server.Configuration;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Server.Tests.Configuration;

public sealed class TlsSettingsTests : IDisposable
{
    private readonly TestCertificates _authority = new();
    private readonly TemporaryFolder _folder = new();

    public TlsSettingsTests()
    {
        using X509Certificate2 certificate = _authority.Issue("mx.example");
        TestCertificates.WritePem(certificate, Certificate);
        File.WriteAllText(_folder["key.pem"], certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Authority, _authority.AuthorityPem);
    }

    private string Certificate => _folder["mx.pem"];

    private string Authority => _folder["ca.pem"];

    [Fact]
    public void Without_a_certificate_there_is_no_tls_for_clients_and_opportunistic_tls_for_hops()
    {
        ServeSettings settings = Read([], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Empty(settings.Tls.Certificates);
        Assert.Null(settings.Tls.Open(TimeProvider.System, static _ => { }));
        Assert.Equal(SmtpTlsPolicy.Opportunistic, settings.Delivery.Client.Tls.Policy);
    }

    [Fact]
    public void Section_is_read()
    {
        ServeSettings settings = Read(
            [
                ("Tls:Certificate:0", Certificate), ("Tls:Key:0", _folder["key.pem"]), ("Tls:MinimumVersion", "1.3"), ("Tls:Required", "true"),
                ("Tls:ClientCertificates", "ask"), ("Tls:ClientAuthorities", Authority), ("Listen", "127.0.0.1:25,smtps://127.0.0.1:465"),
                ("Delivery:Tls", "verified"), ("Delivery:TlsAuthorities", Authority), ("Delivery:TlsCertificate", Certificate),
            ],
            out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(new TlsCertificateFiles(Certificate, _folder["key.pem"]), Assert.Single(settings.Tls.Certificates));
        Assert.Equal(SslProtocols.Tls13, settings.Tls.Versions);
        Assert.Equal(ClientCertificateMode.Ask, settings.Tls.ClientCertificates);
        Assert.True(settings.Tls.Required);
        Assert.Equal([false, true], settings.Listen.Select(l => l.ImplicitTls));
        TlsServerSettings? opened = settings.Tls.Open(TimeProvider.System, static _ => { });
        Assert.Equal("CN=mx.example", opened!.Certificates.Current[0].Subject);
        opened.Certificates.Dispose();
        SmtpClientTls client = settings.Delivery.Client.Tls;
        Assert.Equal((SmtpTlsPolicy.Verified, false), (client.Policy, client.Implicit));
        Assert.Single(client.Authorities!);
        Assert.Equal(new TlsCertificateFiles(Certificate, null), settings.DeliveryCertificate);
    }

    [Fact]
    public void Relay_by_smtps_requires_tls()
    {
        ServeSettings settings = Read([("Relay", "smtps://hop.example?connections=3")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal("hop.example:465", settings.Relay.Server!.ToString());
        Assert.Equal((SmtpTlsPolicy.Required, true), (settings.Delivery.Client.Tls.Policy, settings.Delivery.Client.Tls.Implicit));
    }

    [Theory]
    [InlineData("Tls:Certificate", "missing.pem")]
    [InlineData("Tls:Key", "one.pem")]
    [InlineData("Tls:MinimumVersion", "1.1")]
    [InlineData("Tls:Required", "true")]
    [InlineData("Tls:ClientCertificates", "maybe")]
    [InlineData("Tls:ClientAuthorities", "missing.pem")]
    [InlineData("Tls:ReloadInterval", "often")]
    [InlineData("Delivery:Tls", "sometimes")]
    [InlineData("Delivery:TlsAuthorities", "missing.pem")]
    [InlineData("Delivery:TlsCertificate", "missing.pem")]
    [InlineData("Listen", "smtps://127.0.0.1:465")]
    public void Mistake_is_told_with_its_key(string key, string value)
    {
        Read([(key, value)], out IReadOnlyList<string> errors);
        Assert.StartsWith(key + ": ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Relay_by_smtps_without_tls_is_a_contradiction()
    {
        Read([("Relay", "smtps://hop.example"), ("Delivery:Tls", "off")], out IReadOnlyList<string> errors);
        Assert.StartsWith("Delivery:Tls: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private static ServeSettings Read(IEnumerable<(string Key, string Value)> values, out IReadOnlyList<string> errors) =>
        ServeSettings.Read(
            new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build(),
            out errors);
}
