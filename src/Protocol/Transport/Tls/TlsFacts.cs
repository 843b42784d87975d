using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>What a TLS handshake settled. Immutable.</summary>
public sealed class TlsFacts
{
    private const int LongestName = 255;

    private readonly string _text;

    internal TlsFacts(SslStream stream, bool isPeerVerified)
    {
        Version = stream.SslProtocol switch
        {
            SslProtocols.Tls12 => "TLSv1.2",
            SslProtocols.Tls13 => "TLSv1.3",
            var other => other.ToString(),
        };
        CipherSuite = stream.NegotiatedCipherSuite.ToString();
        ServerName = stream.TargetHostName is { Length: > 0 } name ? name : null;
        PeerCertificate = stream.RemoteCertificate as X509Certificate2;
        IsPeerVerified = isPeerVerified && PeerCertificate is not null;
        _text = $"{Version} {CipherSuite}";
    }

    /// <summary>The protocol: <c>TLSv1.2</c> or <c>TLSv1.3</c>.</summary>
    public string Version { get; }

    /// <summary>The cipher suite by its registered name.</summary>
    public string CipherSuite { get; }

    /// <summary>The server's name that the client asked for (SNI, RFC 6066 section 3), or null.</summary>
    public string? ServerName { get; }

    /// <summary>The peer's certificate, or null where it showed none. Lives as long as the connection.</summary>
    public X509Certificate2? PeerCertificate { get; }

    /// <summary>True where the peer's certificate was checked and found good.</summary>
    public bool IsPeerVerified { get; }

    /// <summary>
    /// The name in the peer's certificate, for logs: its first DNS name or its common name; null where it showed none. What a line or a
    /// header must not hold, as control characters, is a question mark, and of a very long name only the beginning is here.
    /// </summary>
    public string? PeerName => PeerCertificate?.GetNameInfo(X509NameType.DnsName, forIssuer: false) is { Length: > 0 } name
        ? Clean(name)
        : Clean(PeerCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false));

    /// <summary>Version and cipher suite.</summary>
    public override string ToString() => _text;

    // Anybody can make a certificate, and put into it what they like.
    private static string? Clean(string? name) => name is null
        ? null
        : string.Create(Math.Min(name.Length, LongestName), name, static (clean, name) =>
        {
            for (int i = 0; i < clean.Length; i++)
                clean[i] = char.IsControl(name[i]) || char.IsSurrogate(name[i]) || name[i] is '\u2028' or '\u2029' ? '?' : name[i];
        });
}
