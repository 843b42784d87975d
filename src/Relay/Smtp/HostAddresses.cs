using System.Net;
using System.Net.Sockets;
using SlimtaFast.Dns;

namespace SlimtaFast.Relay.Smtp;

/// <summary>
/// Finds a host's addresses, IPv4 before IPv6: by the given resolver, or by the system's, which also knows the hosts file. An address as
/// text, and the path of a Unix-domain socket, need neither. Thread-safe.
/// </summary>
internal sealed class HostAddresses
{
    // What a hostile zone may make us hold and shuffle.
    private const int Most = 100;

    private readonly IDnsResolver? _resolver;

    /// <summary>Asks the resolver, or the system where it is null.</summary>
    public HostAddresses(IDnsResolver? resolver) => _resolver = resolver;

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
        DnsAnswer<IPAddress> v4 = await _resolver.LookupAAsync(target.Host, cancellationToken);
        Add(found, v4, target.Port);
        DnsAnswer<IPAddress> v6 = await _resolver.LookupAaaaAsync(target.Host, cancellationToken);
        Add(found, v6, target.Port);
        if (found.Count > 0)
            return (DnsStatus.Found, found);
        return (v4.Status == DnsStatus.Failed || v6.Status == DnsStatus.Failed ? DnsStatus.Failed : DnsStatus.NoRecords, found);
    }

    private static void Add(List<EndPoint> found, DnsAnswer<IPAddress> answer, int port)
    {
        for (int i = 0; i < answer.Records.Count && found.Count < Most; i++)
            found.Add(new IPEndPoint(answer.Records[i], port));
    }

    private static async ValueTask<DnsStatus> AskSystemAsync(Target target, List<EndPoint> found, CancellationToken cancellationToken)
    {
        try
        {
            foreach (IPAddress address in await System.Net.Dns.GetHostAddressesAsync(target.Host, cancellationToken))
            {
                if (found.Count < Most)
                    found.Add(new IPEndPoint(address, target.Port));
            }
        }
        catch (SocketException trouble)
        {
            return trouble.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData ? DnsStatus.NoRecords : DnsStatus.Failed;
        }

        found.Sort(static (a, b) => a.AddressFamily.CompareTo(b.AddressFamily));
        return found.Count > 0 ? DnsStatus.Found : DnsStatus.NoRecords;
    }
}
