using System.Net;
using System.Net.Sockets;
using SlimtaFast.Dns;

namespace SlimtaFast.Relay.Smtp;

/// <summary>
/// Finds a host's addresses in the order in which they are tried: by the given resolver, or by the system's, which also knows the hosts file. An
/// address as text, and the path of a Unix-domain socket, need neither. Thread-safe.
/// </summary>
internal sealed class HostAddresses
{
    // What a hostile zone may make us hold and shuffle.
    private const int Most = 100;

    private static readonly DnsAnswer<IPAddress> NotAsked = new(DnsStatus.NoRecords, [], TimeSpan.Zero);

    private readonly IDnsResolver? _resolver;
    private readonly AddressPreference _preference;

    /// <summary>Asks the resolver, or the system where it is null.</summary>
    public HostAddresses(IDnsResolver? resolver, AddressPreference preference)
    {
        _resolver = resolver;
        _preference = preference;
    }

    private bool UsesV4 => _preference != AddressPreference.V6Only;

    private bool UsesV6 => _preference != AddressPreference.V4Only;

    /// <summary>
    /// The addresses with the port. <see cref="DnsStatus.Failed"/> where it could not be found out and nothing was found;
    /// <see cref="DnsStatus.NoRecords"/> where the host has none.
    /// </summary>
    public async ValueTask<(DnsStatus Status, List<EndPoint> Addresses)> FindAsync(Target target, CancellationToken cancellationToken)
    {
        var found = new List<EndPoint>(2);
        if (target.IsSocket)
        {
            found.Add(new UnixDomainSocketEndPoint(target.Host));
            return (DnsStatus.Found, found);
        }

        if (IPAddress.TryParse(target.Host, out IPAddress? literal))
        {
            found.Add(new IPEndPoint(literal, target.Port));
            return (DnsStatus.Found, found);
        }

        if (_resolver is null)
            return (await AskSystemAsync(target, found, cancellationToken), found);
        DnsAnswer<IPAddress> v4 = UsesV4 ? await _resolver.LookupAAsync(target.Host, cancellationToken) : NotAsked;
        DnsAnswer<IPAddress> v6 = UsesV6 ? await _resolver.LookupAaaaAsync(target.Host, cancellationToken) : NotAsked;
        TakeTurns(found, v4.Records, v6.Records, target.Port);
        if (found.Count > 0)
            return (DnsStatus.Found, found);
        return (v4.Status == DnsStatus.Failed || v6.Status == DnsStatus.Failed ? DnsStatus.Failed : DnsStatus.NoRecords, found);
    }

    // Only so many addresses are tried: where one family is out of reach, the other must be among them.
    private void TakeTurns(List<EndPoint> found, IReadOnlyList<IPAddress> v4, IReadOnlyList<IPAddress> v6, int port)
    {
        (IReadOnlyList<IPAddress> first, IReadOnlyList<IPAddress> second) = _preference == AddressPreference.V6First ? (v6, v4) : (v4, v6);
        for (int i = 0; i < Math.Max(first.Count, second.Count) && found.Count < Most; i++)
        {
            if (i < first.Count)
                found.Add(new IPEndPoint(first[i], port));
            if (i < second.Count)
                found.Add(new IPEndPoint(second[i], port));
        }
    }

    private async ValueTask<DnsStatus> AskSystemAsync(Target target, List<EndPoint> found, CancellationToken cancellationToken)
    {
        try
        {
            IPAddress[] all = await System.Net.Dns.GetHostAddressesAsync(target.Host, cancellationToken);
            TakeTurns(found, Pick(all, AddressFamily.InterNetwork, UsesV4), Pick(all, AddressFamily.InterNetworkV6, UsesV6), target.Port);
        }
        catch (SocketException trouble)
        {
            return trouble.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData ? DnsStatus.NoRecords : DnsStatus.Failed;
        }

        return found.Count > 0 ? DnsStatus.Found : DnsStatus.NoRecords;
    }

    private static IPAddress[] Pick(IPAddress[] all, AddressFamily family, bool isUsed) =>
        isUsed ? Array.FindAll(all, address => address.AddressFamily == family) : [];
}
