using System.Buffers;
using System.Net;
using SlimtaFast.Protocol.Proxy;

namespace SlimtaFast.Protocol;

/// <summary>
/// What a proxy says in front of a connection that it passes on: the PROXY protocol, versions 1 and 2 (haproxy's
/// <c>proxy-protocol.txt</c>). Immutable.
/// </summary>
public sealed record ProxyHeader
{
    /// <summary>In which version it was or is to be written.</summary>
    public required ProxyVersion Version { get; init; }

    /// <summary>
    /// The client's address: an IP end point, or with version 2 a Unix-domain one. Null where the connection is the proxy's own (LOCAL, such
    /// as a health check), or the proxy does not know (UNKNOWN) or cannot say: then the connection's real addresses stand.
    /// </summary>
    public EndPoint? Source { get; init; }

    /// <summary>The address that the client connected to; null together with <see cref="Source"/>.</summary>
    public EndPoint? Destination { get; init; }

    /// <summary>The host name that the client asked for, by SNI mostly (PP2_TYPE_AUTHORITY); null where not told.</summary>
    public string? Authority { get; init; }

    /// <summary>The proxy's name for the connection (PP2_TYPE_UNIQUE_ID), at most 128 octets; empty where not told.</summary>
    public ReadOnlyMemory<byte> UniqueId { get; init; }

    /// <summary>The TLS session between client and proxy, or null where there was none or the proxy does not tell.</summary>
    public ProxyTls? Tls { get; init; }

    /// <summary>True where the header carries a CRC-32C (PP2_TYPE_CRC32C); one that was read is right.</summary>
    public bool HasChecksum { get; init; }

    /// <summary>
    /// Writes the header. Version 1 holds IP addresses of one family only and says UNKNOWN for anything else; version 2 says LOCAL where
    /// there is no source.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (Version == ProxyVersion.V1)
            ProxyHeaderWriter.WriteVersion1(output, this);
        else
            ProxyHeaderWriter.WriteVersion2(output, this);
    }
}
