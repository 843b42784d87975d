using System.IO.Pipelines;
using System.Net;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Protocol.Transport;

/// <summary>
/// A byte stream in both directions, with deadlines. One reader and one writer at a time. The reader pulls: no bytes are received
/// while nobody reads, and an idle connection holds no buffer.
/// What the reader has not consumed stays.
/// </summary>
public abstract class Connection : IDuplexPipe, IAsyncDisposable
{
    /// <summary>What the peer sends. Another object after a TLS handshake.</summary>
    public abstract PipeReader Input { get; }

    /// <summary>What goes to the peer: everything written until a flush leaves in one system call where the socket takes it. Another object after a TLS handshake.</summary>
    public abstract PipeWriter Output { get; }

    /// <summary>
    /// Sends what <see cref="Output"/> holds unflushed and then <paramref name="bytes"/>, gathered into as few system calls as possible
    /// and without copying where the connection is in clear. The bytes must stay unchanged until the task ends.
    /// </summary>
    public abstract ValueTask SendAsync(System.Buffers.ReadOnlySequence<byte> bytes, CancellationToken cancellationToken);

    /// <summary>The peer's address; for a Unix socket its path or an empty one.</summary>
    public abstract EndPoint? RemoteEndPoint { get; }

    /// <summary>Our own address.</summary>
    public abstract EndPoint? LocalEndPoint { get; }

    /// <summary>TLS version and cipher for people, or null while the connection is in clear.</summary>
    public virtual string? Tls => TlsFacts?.ToString();

    /// <summary>What the TLS handshake settled, or null while the connection is in clear.</summary>
    public virtual TlsFacts? TlsFacts => null;

    /// <summary>
    /// Goes over to TLS as the server. Nothing may be unflushed or in progress, and what was read must be consumed: octets that have
    /// come and are not taken belong to the handshake. Afterwards <see cref="Input"/> and <see cref="Output"/> are others and the rest
    /// works as before. The deadline counts.
    /// </summary>
    /// <exception cref="TlsHandshakeException">The handshake failed; the connection is of no more use.</exception>
    /// <exception cref="IOException">The connection failed.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    public virtual ValueTask<TlsFacts> AuthenticateAsServerAsync(TlsServerSettings settings, CancellationToken cancellationToken) =>
        throw new NotSupportedException("This connection has no TLS.");

    /// <summary>Goes over to TLS as the client; otherwise as <see cref="AuthenticateAsServerAsync"/>.</summary>
    /// <param name="settings">What to offer and to check.</param>
    /// <param name="serverName">The host's name, which is asked for (SNI) unless it is an address, and which the certificate must have where it is checked.</param>
    /// <param name="cancellationToken">Gives up; the connection is of no more use.</param>
    /// <exception cref="TlsHandshakeException">The handshake failed; the connection is of no more use.</exception>
    public virtual ValueTask<TlsFacts> AuthenticateAsClientAsync(TlsClientSettings settings, string serverName, CancellationToken cancellationToken) =>
        throw new NotSupportedException("This connection has no TLS.");

    /// <summary>
    /// Data that binds an authentication to this TLS connection (RFC 5056), or empty where the connection is in clear or has none of the
    /// kind. <c>tls-server-end-point</c> (RFC 5929 section 4) is the hash of the server's certificate, the same on both sides; it is the
    /// only kind. Computed at each call.
    /// </summary>
    /// <param name="kind">The registered name.</param>
    public virtual ReadOnlyMemory<byte> ChannelBinding(string kind) => default;

    /// <summary>
    /// Sets the one deadline of the connection: when it passes, pending and later reads and flushes fail with
    /// <see cref="TimeoutException"/> until another deadline is set. Checked about once a second. <see cref="Timeout.InfiniteTimeSpan"/>
    /// lifts it.
    /// </summary>
    public abstract void SetDeadline(TimeSpan fromNow);

    /// <summary>Ends the connection at once from any thread; pending reads and flushes fail with <see cref="IOException"/>.</summary>
    public abstract void Abort();

    /// <summary>Closes the connection after what was flushed.</summary>
    public abstract ValueTask DisposeAsync();
}
