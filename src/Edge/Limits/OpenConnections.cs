using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Edge.Limits;

/// <summary>
/// The connections being served: counts them against the limits, and lets a stopping edge wait for the last one. Thread-safe; all
/// members hold one short lock.
/// </summary>
internal sealed class OpenConnections
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Connection, ClientKey> _open = [];
    private readonly Dictionary<ClientKey, int> _byClient = [];
    private int _most;
    private volatile int _mostPerClient;
    private TaskCompletionSource? _empty;

    /// <summary>Sets the limits; 0 means no limit.</summary>
    public OpenConnections(int most, int mostPerClient) => SetLimits(most, mostPerClient);

    /// <summary>
    /// Sets other limits. What is open stays open, and a connection that came in while its client's were not counted goes on without being
    /// counted.
    /// </summary>
    public void SetLimits(int most, int mostPerClient)
    {
        lock (_lock)
        {
            _most = most;
            _mostPerClient = mostPerClient;
        }
    }

    /// <summary>Connections being served.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    /// <summary>Counts a connection in, or says why not. Only a connection that came in is counted out by <see cref="Leave"/>.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="client">Whose it is; the default value where its client's connections need no counting.</param>
    public RefusalReason TryEnter(Connection connection, ClientKey client)
    {
        if (_mostPerClient <= 0)
            client = default;
        lock (_lock)
        {
            if (_empty is not null)
                return RefusalReason.Stopping;
            if (_most > 0 && _open.Count >= _most)
                return RefusalReason.TooManyConnections;
            if (!TryCountLocked(client))
                return RefusalReason.TooManyConnectionsFromClient;
            _open.Add(connection, client);
            return RefusalReason.None;
        }
    }

    /// <summary>
    /// Counts a connection that came in for nobody, whose client only its proxy could tell; false where that client has too many.
    /// </summary>
    public bool TryCount(Connection connection, ClientKey client)
    {
        if (_mostPerClient <= 0)
            return true;
        lock (_lock)
        {
            if (!TryCountLocked(client))
                return false;
            _open[connection] = client;
            return true;
        }
    }

    /// <summary>Counts a connection out.</summary>
    public void Leave(Connection connection)
    {
        TaskCompletionSource? done = null;
        lock (_lock)
        {
            if (!_open.Remove(connection, out ClientKey client))
                return;
            if (!client.IsNone && --_byClient[client] == 0)
                _byClient.Remove(client);
            if (_open.Count == 0)
                done = _empty;
        }

        done?.TrySetResult();
    }

    /// <summary>Lets nobody in any more; the task ends when the last connection has left.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_open.Count == 0)
                _empty.TrySetResult();
            return _empty.Task;
        }
    }

    /// <summary>Aborts every connection that is still open.</summary>
    public int AbortAll()
    {
        Connection[] left;
        lock (_lock)
            left = [.. _open.Keys];
        foreach (Connection connection in left)
            connection.Abort();
        return left.Length;
    }

    private bool TryCountLocked(ClientKey client)
    {
        if (client.IsNone)
            return true;
        _byClient.TryGetValue(client, out int count);
        if (count >= _mostPerClient)
            return false;
        _byClient[client] = count + 1;
        return true;
    }
}
