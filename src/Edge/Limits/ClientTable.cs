namespace SlimtaFast.Edge.Limits;

/// <summary>
/// The rates of the clients that were seen last. Bounded: the client that was seen longest ago is forgotten first. Thread-safe; all
/// members hold one short lock.
/// </summary>
internal sealed class ClientTable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Dictionary<ClientKey, LinkedListNode<ClientUse>> _clients = [];
    private readonly LinkedList<ClientUse> _lastSeen = [];
    private volatile ClientLimits _limits;

    /// <summary>An empty table.</summary>
    public ClientTable(ClientLimits limits, TimeProvider time)
    {
        _limits = limits;
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>Sets other limits; what the clients have used up counts against them.</summary>
    public void SetLimits(ClientLimits limits) => _limits = limits;

    /// <summary>Clients remembered at present.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _clients.Count;
        }
    }

    /// <summary>Counts a connection; false where it is one too many.</summary>
    public bool TryConnect(ClientKey client)
    {
        int most = _limits.ConnectionsPerMinute;
        if (most <= 0 || client.IsNone)
            return true;
        lock (_lock)
            return Find(client).Connections.TryTake(most, Minute, Now);
    }

    /// <summary>Counts a message; false where it is one too many.</summary>
    public bool TrySend(ClientKey client)
    {
        int most = _limits.MessagesPerMinute;
        if (most <= 0 || client.IsNone)
            return true;
        lock (_lock)
            return Find(client).Messages.TryTake(most, Minute, Now);
    }

    /// <summary>Counts a recipient; false where it is one too many.</summary>
    public bool TryAddress(ClientKey client)
    {
        int most = _limits.RecipientsPerHour;
        if (most <= 0 || client.IsNone)
            return true;
        lock (_lock)
            return Find(client).Recipients.TryTake(most, Hour, Now);
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    private ClientUse Find(ClientKey client)
    {
        if (_clients.TryGetValue(client, out LinkedListNode<ClientUse>? node))
        {
            _lastSeen.Remove(node);
            _lastSeen.AddLast(node);
            return node.Value;
        }

        while (_clients.Count >= Math.Max(1, _limits.MaxRemembered))
        {
            _clients.Remove(_lastSeen.First!.Value.Key);
            _lastSeen.RemoveFirst();
        }

        node = _lastSeen.AddLast(new ClientUse(client));
        _clients.Add(client, node);
        return node.Value;
    }
}
