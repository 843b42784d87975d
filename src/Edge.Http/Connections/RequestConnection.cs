using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Edge.Http.Connections;

/// <summary>One request's view of its connection: with the TLS facts, and without the client's address where it is a trusted proxy's.</summary>
/// <param name="inner">The connection.</param>
/// <param name="tls">TLS version and cipher, or null.</param>
/// <param name="isHidden">True where a trusted client says that it speaks for somebody else, whose address is not known.</param>
internal sealed class RequestConnection(HttpClientConnection inner, string? tls, bool isHidden) : Connection
{
    /// <inheritdoc/>
    public override PipeReader Input => inner.Input;

    /// <inheritdoc/>
    public override PipeWriter Output => inner.Output;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => isHidden ? null : inner.RemoteEndPoint;

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint => inner.LocalEndPoint;

    /// <inheritdoc/>
    public override string? Tls => tls;

    /// <inheritdoc/>
    public override ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken) => inner.SendAsync(bytes, cancellationToken);

    /// <inheritdoc/>
    public override void SetDeadline(TimeSpan fromNow) => inner.SetDeadline(fromNow);

    /// <inheritdoc/>
    public override void Abort() => inner.Abort();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
