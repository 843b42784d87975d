using System.Net;

namespace SlimtaFast.Edge;

/// <summary>One place where an edge listens. An end point converts to a listener for SMTP. Immutable.</summary>
/// <param name="EndPoint">An IP or Unix-domain end point; port 0 takes a free port.</param>
public sealed record EdgeListener(EndPoint EndPoint)
{
    /// <summary>True for LMTP (RFC 2033) in place of SMTP. Default false.</summary>
    public bool Lmtp { get; init; }

    /// <summary>
    /// True for clients that begin with a TLS handshake (RFC 8314 section 3.3); the session's options must have TLS then. Default false.
    /// </summary>
    public bool ImplicitTls { get; init; }

    /// <summary>
    /// The mode of a Unix-domain socket's file, which decides who may connect; its clients count as loopback clients. Null for what the
    /// umask leaves. Default null.
    /// </summary>
    public UnixFileMode? SocketMode { get; init; }

    /// <summary>A listener for SMTP.</summary>
    public static implicit operator EdgeListener(EndPoint endPoint) => FromEndPoint(endPoint);

    /// <summary>A listener for SMTP.</summary>
    public static EdgeListener FromEndPoint(EndPoint endPoint) => new(endPoint);
}
