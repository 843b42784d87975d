using System.Security.Cryptography.X509Certificates;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Protocol;

/// <summary>How a client session uses TLS. Immutable; one instance serves any number of sessions.</summary>
public sealed record SmtpClientTls
{
    /// <summary>No TLS.</summary>
    public static SmtpClientTls Off { get; } = new() { Policy = SmtpTlsPolicy.Off };

    /// <summary>What is wanted. Default <see cref="SmtpTlsPolicy.Opportunistic"/>.</summary>
    public SmtpTlsPolicy Policy { get; init; } = SmtpTlsPolicy.Opportunistic;

    /// <summary>
    /// True to shake hands at once, before the greeting (RFC 8314 section 3.3), in place of STARTTLS. There is no way back to clear then,
    /// so that only <see cref="SmtpTlsPolicy.Verified"/> changes anything. Default false.
    /// </summary>
    public bool Implicit { get; init; }

    /// <summary>Who may have issued certificates of servers under <see cref="SmtpTlsPolicy.Verified"/>; null for those whom the system trusts.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>
    /// Our own certificate for servers that ask for one, the first of these; or null. Read from files it follows their changes. Whose they
    /// are disposes them.
    /// </summary>
    public TlsCertificates? Certificates { get; init; }

    /// <summary>How long a handshake may take. Default 1 minute.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>True where a session in clear is not wanted.</summary>
    internal bool IsRequired => Policy is SmtpTlsPolicy.Required or SmtpTlsPolicy.Verified;

    /// <summary>The handshake's side of it.</summary>
    internal TlsClientSettings MakeSettings() => new()
    {
        Verify = Policy == SmtpTlsPolicy.Verified,
        Authorities = Authorities,
        Certificates = Certificates,
    };
}
