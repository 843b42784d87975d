using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>How a TLS server behaves. Immutable and thread-safe; one instance serves any number of connections.</summary>
public sealed class TlsServerSettings
{
    // ALPN (RFC 7301) names what the client wants to speak. One that wants HTTP was led here by somebody: the handshake fails (the ALPACA
    // attack). Clients that name nothing, nearly all of mail, are let in.
    private static readonly List<SslApplicationProtocol> Protocol = [new("smtp"), new("lmtp")];

    private static readonly List<SslApplicationProtocol> HttpProtocol = [SslApplicationProtocol.Http11];

    private readonly ConditionalWeakTable<SslStreamCertificateContext, SslServerAuthenticationOptions> _options = [];
    private readonly ConditionalWeakTable<SslStreamCertificateContext, SslServerAuthenticationOptions> _httpOptions = [];

    /// <summary>The certificates, of which the client's wish chooses one.</summary>
    public required TlsCertificates Certificates { get; init; }

    /// <summary>Lowest version; 1.2 (default) or 1.3.</summary>
    public SslProtocols Versions { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Whether clients are asked for certificates. Default: no.</summary>
    public ClientCertificateMode ClientCertificates { get; init; }

    /// <summary>Who may have issued clients' certificates; null for those whom the system trusts.</summary>
    public X509Certificate2Collection? ClientAuthorities { get; init; }

    /// <summary>What a handshake with this certificate goes by; made once for each, which lets the runtime resume sessions.</summary>
    internal SslServerAuthenticationOptions GetOptions(SslStreamCertificateContext certificate) => _options.GetValue(certificate, Make);

    /// <summary>What a handshake of an HTTP server, over a stream that is not ours, goes by.</summary>
    internal SslServerAuthenticationOptions GetHttpOptions(string? serverName) => _httpOptions.GetValue(Certificates.Find(serverName), MakeHttp);

    private SslServerAuthenticationOptions Make(SslStreamCertificateContext certificate) => Make(certificate, Protocol, Judge);

    private SslServerAuthenticationOptions MakeHttp(SslStreamCertificateContext certificate) =>
        Make(certificate, HttpProtocol, (_, _, _, errors) => errors == SslPolicyErrors.None || ClientCertificates == ClientCertificateMode.Ask);

    private SslServerAuthenticationOptions Make(
        SslStreamCertificateContext certificate, List<SslApplicationProtocol> protocol, RemoteCertificateValidationCallback judge) => new()
        {
            ServerCertificateContext = certificate,
            EnabledSslProtocols = Versions,
            ApplicationProtocols = protocol,
            AllowRenegotiation = false,
            ClientCertificateRequired = ClientCertificates != ClientCertificateMode.None,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = ClientCertificates == ClientCertificateMode.None
            ? null
            : ChainPolicies.Make(ClientAuthorities, ChainPolicies.ClientAuthentication),
            RemoteCertificateValidationCallback = ClientCertificates == ClientCertificateMode.None ? null : judge,
        };

    private bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        ((TlsStream)sender).NotePeer(errors == SslPolicyErrors.None) || ClientCertificates == ClientCertificateMode.Ask;
}
