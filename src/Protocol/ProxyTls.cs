namespace SlimtaFast.Protocol;

/// <summary>
/// What a proxy tells of the TLS session between the client and itself (PP2_TYPE_SSL). The octets between the proxy and us are in clear:
/// it is the proxy's word, and shown as that. Immutable.
/// </summary>
public sealed record ProxyTls
{
    /// <summary>The TLS version as the proxy writes it, such as <c>TLSv1.3</c>; null where not told.</summary>
    public string? Version { get; init; }

    /// <summary>The cipher suite as the proxy writes it; null where not told.</summary>
    public string? Cipher { get; init; }

    /// <summary>The common name in the client's certificate; null where not told.</summary>
    public string? CommonName { get; init; }

    /// <summary>True where the client showed a certificate in this connection or an earlier one of the same TLS session.</summary>
    public bool HasCertificate { get; init; }

    /// <summary>True where the client showed a certificate and the proxy found it good.</summary>
    public bool IsVerified { get; init; }

    /// <summary>Version and cipher for people, marked as the proxy's.</summary>
    public override string ToString() => $"{Version ?? "TLS"}{(Cipher is null ? "" : " ")}{Cipher} at the proxy";
}
