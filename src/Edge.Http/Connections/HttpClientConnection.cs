using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Edge.Http.Connections;

/// <summary>
/// The connection of an HTTP client, as limits count it and sessions and hooks see it: addresses and TLS, but nothing to read or to write,
/// because that is the web server's part.
/// </summary>
internal sealed class HttpClientConnection(ConnectionContext connection) : Connection
{
    private static readonly PipeReader Nothing = PipeReader.Create(ReadOnlySequence<byte>.Empty);

    /// <summary>The listener that it came by.</summary>
    public required HttpEdgeListener Listener { get; init; }

    /// <summary>What the PROXY protocol told of it, or null where it was not used. Set before anything is asked of it but by the gate.</summary>
    public ProxyHeader? Proxy { get; set; }

    /// <summary>Ends at once, because nothing of the dialogue is on this connection.</summary>
    public override PipeReader Input => Nothing;

    /// <summary>There is none: answers are the web server's.</summary>
    public override PipeWriter Output => throw new NotSupportedException("An HTTP client is answered by the web server.");

    /// <summary>The client's; behind a proxy that names one, that.</summary>
    public override EndPoint? RemoteEndPoint => Proxy?.Source ?? connection.RemoteEndPoint;

    /// <summary>Where the client connected to; behind a proxy that names one, at that.</summary>
    public override EndPoint? LocalEndPoint => Proxy?.Source is null ? connection.LocalEndPoint : Proxy.Destination;

    /// <inheritdoc/>
    public override ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken) =>
        throw new NotSupportedException("An HTTP client is answered by the web server.");

    /// <summary>Does nothing: the web server has time limits of its own.</summary>
    public override void SetDeadline(TimeSpan fromNow)
    {
    }

    /// <inheritdoc/>
    public override void Abort() => connection.Abort();

    /// <summary>Does nothing: the web server closes it.</summary>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
