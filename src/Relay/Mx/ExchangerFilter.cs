using System.Net;
using SlimtaFast.Relay.Smtp;

namespace SlimtaFast.Relay.Mx;

/// <summary>The addresses of exchangers that are not delivered to: those that are this host, and those of networks that are refused. Immutable.</summary>
internal sealed class ExchangerFilter(MxRelayOptions options) : IHostFilter
{
    private readonly HashSet<IPAddress> _own = [.. options.OwnAddresses];
    private readonly IPNetwork[] _refused = [.. options.RefuseNetworks];

    /// <inheritdoc/>
    public bool IsSelf(IReadOnlyList<EndPoint> addresses)
    {
        for (int i = 0; i < addresses.Count; i++)
        {
            if (addresses[i] is not IPEndPoint { Address: { } found })
                continue;
            IPAddress address = Unmap(found);
            if (_own.Contains(address) || (options.RefuseLoopback && IsLocal(address)))
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public void RemoveRefused(List<EndPoint> addresses)
    {
        if (_refused.Length > 0)
            addresses.RemoveAll(IsRefused);
    }

    private bool IsRefused(EndPoint endPoint)
    {
        if (endPoint is not IPEndPoint { Address: { } found })
            return false;
        IPAddress address = Unmap(found);
        return Array.Exists(_refused, network => network.Contains(address));
    }

    private static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool IsLocal(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
