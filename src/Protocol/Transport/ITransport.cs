using System.Net;

namespace SlimtaFast.Protocol.Transport;

/// <summary>Makes connections, incoming and outgoing. Thread-safe.</summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>
    /// Listens, and runs <paramref name="session"/> for each connection on the thread that serves the connection: its awaits come back
    /// to that thread, and it must never block. The connection is disposed when the session's task ends, whichever way.
    /// </summary>
    /// <param name="endPoint">An IP or Unix-domain end point; port 0 takes a free one.</param>
    /// <param name="session">What to do with a connection.</param>
    /// <param name="socketMode">
    /// Who may connect to a Unix-domain socket: the mode of its file, set before anybody can connect; null for what the process's umask
    /// leaves. Of no meaning for other end points.
    /// </param>
    IListener Listen(EndPoint endPoint, Func<Connection, Task> session, UnixFileMode? socketMode = null);

    /// <summary>Connects; fails with <see cref="System.Net.Sockets.SocketException"/> or <see cref="OperationCanceledException"/>.</summary>
    /// <param name="remote">An IP or Unix-domain end point.</param>
    /// <param name="local">The source address, or null for any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<Connection> ConnectAsync(EndPoint remote, EndPoint? local, CancellationToken cancellationToken);

    /// <summary>
    /// The threads that serve connections: what is posted to one runs there, where its awaits come back to and what it connects lives;
    /// it must never block. Empty where the transport has no threads of its own.
    /// </summary>
    IReadOnlyList<SynchronizationContext> Threads => [];
}
