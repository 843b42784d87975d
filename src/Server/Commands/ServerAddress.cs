using System.Net;
using System.Net.Sockets;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Commands;

/// <summary>Finds the address of a server that was named on the command line.</summary>
internal static class ServerAddress
{
    /// <summary>The first address of a host, IPv4 before IPv6; fails with <see cref="SocketException"/> where it has none.</summary>
    public static async Task<IPEndPoint> ResolveAsync(HostPort server, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(server.Host, out IPAddress? address))
            return new IPEndPoint(address, server.Port);
        IPAddress[] found = await System.Net.Dns.GetHostAddressesAsync(server.Host, cancellationToken);
        address = found.OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).FirstOrDefault()
            ?? throw new SocketException((int)SocketError.HostNotFound);
        return new IPEndPoint(address, server.Port);
    }
}
