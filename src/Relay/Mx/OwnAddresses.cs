using System.Net;
using SlimtaFast.Relay.Smtp;

namespace SlimtaFast.Relay.Mx;

/// <summary>The addresses that are this host. Immutable.</summary>
internal sealed class OwnAddresses(MxRelayOptions options) : IHostFilter
{
    private readonly HashSet<IPAddress> _own = [.. options.OwnAddresses];

    /// <inheritdoc/>
    public bool IsSelf(IReadOnlyList<EndPoint> addresses)
    {
        for (int i = 0; i < addresses.Count; i++)
        {
            if (addresses[i] is not IPEndPoint { Address: { } address })
                continue;
            if (address.IsIPv4MappedToIPv6)
                address = address.MapToIPv4();
            if (_own.Contains(address) || (options.RefuseLoopback && IsLocal(address)))
                return true;
        }

        return false;
    }

    private static bool IsLocal(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
