using System.Net;
using System.Runtime.InteropServices;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Edge.Limits;

/// <summary>
/// The connections being served: counts them against the limits, and lets a stopping edge wait for the last one. Thread-safe; all
/// members hold one short lock.
/// </summary>
internal sealed class OpenConnections
{
    private readonly Lock _lock = new();
    private readonly int _most;
    private readonly int _mostPerAddress;
    private readonly HashSet<Connection> _open = [];
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private TaskCompletionSource? _empty;

    /// <summary>Sets the limits; 0 means no limit.</summary>
    public OpenConnections(int most, int mostPerAddress)
    {
        _most = most;
        _mostPerAddress = mostPerAddress;
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

    /// <summary>
    /// Counts a connection in, or says why not. Only a connection that came in is counted out by <see cref="Leave"/>.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="client">The address to count it for; null for none, or none yet.</param>
    public ConnectionRefusal TryEnter(Connection connection, IPAddress? client)
    {
        lock (_lock)
        {
            if (_empty is not null)
                return ConnectionRefusal.Stopping;
            if (_most > 0 && _open.Count >= _most)
                return ConnectionRefusal.TooMany;
            if (!TryCountLocked(client))
                return ConnectionRefusal.TooManyFromAddress;
            _open.Add(connection);
            return ConnectionRefusal.None;
        }
    }

    /// <summary>
    /// Counts a connection that came in for an address that only its proxy could tell; false where there are too many from there.
    /// </summary>
    public bool TryCount(IPAddress? client)
    {
        lock (_lock)
            return TryCountLocked(client);
    }

    /// <summary>Counts a connection out.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="client">The address that it was counted for, or null.</param>
    public void Leave(Connection connection, IPAddress? client)
    {
        TaskCompletionSource? done = null;
        lock (_lock)
        {
            if (!_open.Remove(connection))
                return;
            if (_mostPerAddress > 0 && client is not null && --CollectionsMarshal.GetValueRefOrNullRef(_byAddress, Key(client)) == 0)
                _byAddress.Remove(Key(client));
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
            left = [.. _open];
        foreach (Connection connection in left)
            connection.Abort();
        return left.Length;
    }

    private static IPAddress Key(IPAddress client) => client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;

    private bool TryCountLocked(IPAddress? client)
    {
        if (_mostPerAddress == 0 || client is null)
            return true;
        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_byAddress, Key(client), out _);
        if (count >= _mostPerAddress)
            return false;
        count++;
        return true;
    }
}
