using System.IO.Pipelines;
using System.Net;

namespace SlimtaFast.Protocol.Transport;

/// <summary>
/// A byte stream in both directions, with deadlines. One reader and one writer at a time. The reader pulls: no bytes are received
/// while nobody reads, and an idle connection holds no buffer.
/// What the reader has not consumed stays.
/// </summary>
public abstract class Connection : IDuplexPipe, IAsyncDisposable
{
    /// <summary>What the peer sends.</summary>
    public abstract PipeReader Input { get; }

    /// <summary>What goes to the peer: everything written until a flush leaves in one system call where the socket takes it.</summary>
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
    public virtual string? Tls => null;

    /// <summary>
    /// What binds an authentication to this TLS channel (RFC 5929), for a kind of binding such as <c>tls-server-end-point</c>; empty where
    /// there is none.
    /// </summary>
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
