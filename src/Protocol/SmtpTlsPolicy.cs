namespace SlimtaFast.Protocol;

/// <summary>What a client wants of TLS.</summary>
public enum SmtpTlsPolicy
{
    /// <summary>Never TLS.</summary>
    Off,

    /// <summary>TLS where the server offers it, without a check of its certificate; else in clear (RFC 7435).</summary>
    Opportunistic,

    /// <summary>TLS or nothing, without a check of the certificate.</summary>
    Required,

    /// <summary>TLS with a certificate that names the host and comes from somebody trusted, or nothing.</summary>
    Verified,
}
