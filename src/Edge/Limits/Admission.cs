using System.Net;
using SlimtaFast.Edge.Load;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Edge.Limits;

/// <summary>Decides which connections are served: load, rate of the client, and the numbers that are open. Thread-safe.</summary>
internal sealed class Admission
{
    private readonly ClientLimits _limits;
    private readonly NetworkList _exempt;
    private readonly LoadMonitor _load;

    /// <summary>Makes the decisions that the options ask for.</summary>
    public Admission(SmtpEdgeOptions options, LoadMonitor load, TimeProvider time)
    {
        _limits = options.Clients;
        _exempt = new NetworkList(options.Clients.Exempt);
        _load = load;
        Clients = new ClientTable(options.Clients, time);
        Open = new OpenConnections(options.MaxConnections, options.MaxConnectionsPerAddress);
    }

    /// <summary>Makes the decisions that other options ask for, over the same connections and clients, whose limits these options set.</summary>
    public Admission(SmtpEdgeOptions options, Admission earlier)
    {
        _limits = options.Clients;
        _exempt = new NetworkList(options.Clients.Exempt);
        _load = earlier._load;
        Clients = earlier.Clients;
        Open = earlier.Open;
        Clients.SetLimits(options.Clients);
        Open.SetLimits(options.MaxConnections, options.MaxConnectionsPerAddress);
    }

    /// <summary>The connections being served.</summary>
    public OpenConnections Open { get; }

    /// <summary>The clients' rates.</summary>
    public ClientTable Clients { get; }

    /// <summary>True where limits on numbers and rates do not apply to the client.</summary>
    public bool IsExempt(IPAddress? address) => _exempt.Contains(address);

    /// <summary>Whose limits count for an address; the default value where none do.</summary>
    public ClientKey GetClient(IPAddress? address) =>
        _exempt.Contains(address) ? default : ClientKey.Of(address, _limits.IPv4Prefix, _limits.IPv6Prefix);

    /// <summary>
    /// Counts a connection in, or says why not. What came in must <see cref="OpenConnections.Leave"/>. Whose it is a proxy tells later:
    /// <see cref="TryAssign"/>.
    /// </summary>
    public RefusalReason TryEnter(Connection connection, bool isProxy)
    {
        // A server that is short of disk or queue still talks, and says so to MAIL; each connection costs memory at once.
        if (_load.Shortage == RefusalReason.MemoryShort)
            return RefusalReason.MemoryShort;
        ClientKey client = isProxy ? default : GetClient((connection.RemoteEndPoint as IPEndPoint)?.Address);
        return Clients.TryConnect(client) ? Open.TryEnter(connection, client) : RefusalReason.ConnectionRate;
    }

    /// <summary>Counts a connection that came in by a proxy for its client, or says why not.</summary>
    public RefusalReason TryAssign(Connection connection, IPAddress? address)
    {
        ClientKey client = GetClient(address);
        if (!Clients.TryConnect(client))
            return RefusalReason.ConnectionRate;
        return Open.TryCount(connection, client) ? RefusalReason.None : RefusalReason.TooManyConnectionsFromClient;
    }
}
