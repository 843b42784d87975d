using System.Net;

namespace SlimtaFast.Edge.Limits;

/// <summary>Networks of clients. Immutable and thread-safe.</summary>
internal sealed class NetworkList(IEnumerable<IPNetwork> networks)
{
    private readonly IPNetwork[] _networks = [.. networks];

    /// <summary>True where the address is in one of them. An unknown address is in none.</summary>
    public bool Contains(IPAddress? address)
    {
        if (address is null || _networks.Length == 0)
            return false;

        // A dual-stack socket shows IPv4 clients as ::ffff:a.b.c.d, which must meet the IPv4 networks of the configuration.
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        foreach (IPNetwork network in _networks)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }
}
