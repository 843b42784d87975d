namespace SlimtaFast.Protocol.Proxy;

/// <summary>The fixed numbers of the PROXY protocol (haproxy's <c>proxy-protocol.txt</c>, sections 2.1 and 2.2).</summary>
internal static class ProxyFormat
{
    /// <summary>The longest line of version 1, CRLF included.</summary>
    public const int LongestLine = 107;

    /// <summary>Octets of version 2 before the addresses: signature, version and command, family, length.</summary>
    public const int FixedLength = 16;

    /// <summary>
    /// The most that may follow them. The format allows 65,535; this holds the addresses and a client's certificate, and keeps what a
    /// connection can make us hold small.
    /// </summary>
    public const int LongestRest = 16 * 1024;

    /// <summary>Version and command: 2 and LOCAL.</summary>
    public const byte Local = 0x20;

    /// <summary>Version and command: 2 and PROXY.</summary>
    public const byte Proxy = 0x21;

    /// <summary>Family and transport: TCP over IPv4.</summary>
    public const byte Tcp4 = 0x11;

    /// <summary>Family and transport: TCP over IPv6.</summary>
    public const byte Tcp6 = 0x21;

    /// <summary>Family and transport: a Unix stream.</summary>
    public const byte UnixStream = 0x31;

    /// <summary>Octets of one Unix path.</summary>
    public const int UnixPathLength = 108;

    /// <summary>PP2_TYPE_AUTHORITY.</summary>
    public const byte Authority = 0x02;

    /// <summary>PP2_TYPE_CRC32C.</summary>
    public const byte Checksum = 0x03;

    /// <summary>PP2_TYPE_UNIQUE_ID.</summary>
    public const byte UniqueId = 0x05;

    /// <summary>PP2_TYPE_SSL.</summary>
    public const byte Tls = 0x20;

    /// <summary>PP2_SUBTYPE_SSL_VERSION.</summary>
    public const byte TlsVersion = 0x21;

    /// <summary>PP2_SUBTYPE_SSL_CN.</summary>
    public const byte TlsCommonName = 0x22;

    /// <summary>PP2_SUBTYPE_SSL_CIPHER.</summary>
    public const byte TlsCipher = 0x23;

    /// <summary>PP2_CLIENT_SSL: the client connected over TLS.</summary>
    public const byte ClientTls = 0x01;

    /// <summary>PP2_CLIENT_CERT_CONN: a certificate in this connection.</summary>
    public const byte ClientCertificate = 0x02;

    /// <summary>PP2_CLIENT_CERT_SESS: a certificate in this TLS session.</summary>
    public const byte SessionCertificate = 0x04;

    /// <summary>Octets of the longest name of a connection.</summary>
    public const int LongestUniqueId = 128;

    /// <summary>How version 2 starts: what no line-based protocol takes for a command.</summary>
    public static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>How version 1 starts.</summary>
    public static ReadOnlySpan<byte> Word => "PROXY "u8;
}
