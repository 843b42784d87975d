using System.Net;
using SlimtaFast.Dns;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Dns</c>: who is asked for names, and for how long.</summary>
internal static class DnsSection
{
    private const string Name = "Dns:";
    private const int DnsPort = 53;

    /// <summary>Reads the section.</summary>
    public static DnsResolverOptions Read(SettingsReader reader)
    {
        var plain = new DnsResolverOptions();
        IReadOnlyList<IPEndPoint> servers = reader.List<IPEndPoint>(Name + nameof(plain.Servers), [], ParseServer);
        return plain with
        {
            Servers = servers.Count > 0 ? servers : null,
            Timeout = reader.Duration(Name + nameof(plain.Timeout), plain.Timeout),
            Retries = reader.Number(Name + nameof(plain.Retries), plain.Retries, 0, 10),
            MaxCacheEntries = reader.Number(Name + nameof(plain.MaxCacheEntries), plain.MaxCacheEntries, 0, 10_000_000),
        };
    }

    /// <summary>The address of a name server; throws <see cref="FormatException"/>.</summary>
    public static IPEndPoint ParseServer(string text)
    {
        HostPort server = HostPort.Parse(text, DnsPort);
        return IPAddress.TryParse(server.Host, out IPAddress? address)
            ? new IPEndPoint(address, server.Port)
            : throw new FormatException($"'{text}' is not the address of a name server, such as 192.0.2.53 or [2001:db8::53]:53");
    }
}
