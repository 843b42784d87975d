using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>How a TLS client behaves. Immutable and thread-safe; one instance serves any number of connections.</summary>
public sealed class TlsClientSettings
{
    /// <summary>No check of the server's certificate: guards against listeners, not against impostors.</summary>
    public static TlsClientSettings Unchecked { get; } = new();

    /// <summary>
    /// Whether the server's certificate must be issued by somebody trusted and must name the host. Default false: mail between servers
    /// is encrypted but unchecked where nothing else was agreed (RFC 7435).
    /// </summary>
    public bool Verify { get; init; }

    /// <summary>Who may have issued the server's certificate; null for those whom the system trusts.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Our own certificate for servers that ask, the first of these; or null. Whose they are disposes them.</summary>
    public TlsCertificates? Certificates { get; init; }

    /// <summary>Whether sessions with the same server may be resumed, which saves most of a handshake. Default true.</summary>
    public bool Resume { get; init; } = true;

    /// <summary>The versions offered. Default: 1.2 and 1.3.</summary>
    public SslProtocols Versions { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>What a handshake with the host goes by.</summary>
    internal SslClientAuthenticationOptions GetOptions(string serverName) => Make(serverName, Judge);

    /// <summary>What a handshake of an HTTP client, over a stream that is not ours, goes by.</summary>
    internal SslClientAuthenticationOptions GetHttpOptions(string serverName)
    {
        SslClientAuthenticationOptions options = Make(serverName, (_, _, _, errors) => errors == SslPolicyErrors.None || !Verify);
        options.ApplicationProtocols = [SslApplicationProtocol.Http11];
        return options;
    }

    private SslClientAuthenticationOptions Make(string serverName, RemoteCertificateValidationCallback judge) => new()
    {
        TargetHost = serverName,
        EnabledSslProtocols = Versions,
        AllowRenegotiation = false,
        AllowTlsResume = Resume,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        ClientCertificateContext = Certificates?.Find(null),
        CertificateChainPolicy = Verify ? ChainPolicies.Make(Authorities, ChainPolicies.ServerAuthentication) : ChainPolicies.MakeUnchecked(),
        RemoteCertificateValidationCallback = judge,
    };

    private bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        ((TlsStream)sender).NotePeer(Verify && errors == SslPolicyErrors.None, errors, chain) || !Verify;
}
