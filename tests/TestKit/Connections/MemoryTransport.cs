using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.TestKit.Connections;

/// <summary>A network in memory: connections reach whoever listens on their end point, and are refused where nobody does.</summary>
public sealed class MemoryTransport(TimeProvider? time = null) : ITransport
{
    private readonly ConcurrentDictionary<EndPoint, Func<Connection, Task>> _listeners = new();
    private readonly ConcurrentQueue<EndPoint> _attempts = new();

    /// <summary>End points to which a connection was tried, in order.</summary>
    public IReadOnlyList<EndPoint> Attempts => [.. _attempts];

    /// <summary>End points that neither accept nor refuse: connecting waits until it is given up.</summary>
    public ISet<EndPoint> Silent { get; } = new HashSet<EndPoint>();

    /// <inheritdoc/>
    public IListener Listen(EndPoint endPoint, Func<Connection, Task> session, UnixFileMode? socketMode = null)
    {
        if (!_listeners.TryAdd(endPoint, session))
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        return new Listener(this, endPoint);
    }

    /// <inheritdoc/>
    public async ValueTask<Connection> ConnectAsync(EndPoint remote, EndPoint? local, CancellationToken cancellationToken)
    {
        _attempts.Enqueue(remote);
        if (Silent.Contains(remote))
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        if (!_listeners.TryGetValue(remote, out Func<Connection, Task>? session))
            throw new SocketException((int)SocketError.ConnectionRefused);
        (MemoryConnection client, MemoryConnection server) = MemoryConnection.CreatePair(time, remote);
        _ = ServeAsync(session, server);
        return client;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task ServeAsync(Func<Connection, Task> session, MemoryConnection connection)
    {
        try
        {
            await session(connection);
        }
        catch (IOException)
        {
            // The client has aborted; a server's session ends with that.
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    private sealed class Listener(MemoryTransport transport, EndPoint endPoint) : IListener
    {
        public EndPoint LocalEndPoint => endPoint;

        public void StopAccepting() => transport._listeners.TryRemove(endPoint, out _);

        public ValueTask DisposeAsync()
        {
            StopAccepting();
            return ValueTask.CompletedTask;
        }
    }
}
