using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Edge.Sessions;

/// <summary>
/// A connection that a proxy passes on: the octets are the connection's, the addresses those of the proxy's header. What wraps it (a TLS
/// session, say) and whoever asks it for addresses then sees the client. The owner of the inner connection disposes that.
/// </summary>
internal sealed class ProxiedConnection(Connection inner, ProxyHeader header) : Connection
{
    /// <inheritdoc/>
    public override PipeReader Input => inner.Input;

    /// <inheritdoc/>
    public override PipeWriter Output => inner.Output;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => header.Source;

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint => header.Destination;

    /// <inheritdoc/>
    public override string? Tls => inner.Tls;

    /// <inheritdoc/>
    public override TlsFacts? TlsFacts => inner.TlsFacts;

    /// <inheritdoc/>
    public override ValueTask<TlsFacts> AuthenticateAsServerAsync(TlsServerSettings settings, CancellationToken cancellationToken) =>
        inner.AuthenticateAsServerAsync(settings, cancellationToken);

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> ChannelBinding(string kind) => inner.ChannelBinding(kind);

    /// <inheritdoc/>
    public override ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken) => inner.SendAsync(bytes, cancellationToken);

    /// <inheritdoc/>
    public override void SetDeadline(TimeSpan fromNow) => inner.SetDeadline(fromNow);

    /// <inheritdoc/>
    public override void Abort() => inner.Abort();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
