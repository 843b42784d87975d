using System.Net;

namespace SlimtaFast.Dns;

/// <summary>
/// Looks names up. All members are thread-safe, cache by TTL, and end within the resolver's own time limit. An answer tells "no such
/// name" and "no such record" from "could not find out", which must never be taken for the former.
/// </summary>
public interface IDnsResolver
{
    /// <summary>Mail exchangers of a domain.</summary>
    ValueTask<DnsAnswer<MxRecord>> LookupMxAsync(string domain, CancellationToken cancellationToken);

    /// <summary>IPv4 addresses of a host.</summary>
    ValueTask<DnsAnswer<IPAddress>> LookupAAsync(string host, CancellationToken cancellationToken);

    /// <summary>IPv6 addresses of a host.</summary>
    ValueTask<DnsAnswer<IPAddress>> LookupAaaaAsync(string host, CancellationToken cancellationToken);

    /// <summary>Text records of a name, the strings of each joined.</summary>
    ValueTask<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancellationToken);

    /// <summary>Host names of an address.</summary>
    ValueTask<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancellationToken);

    /// <summary>TLSA records of a name such as <c>_25._tcp.mx.example</c>.</summary>
    ValueTask<DnsAnswer<TlsaRecord>> LookupTlsaAsync(string name, CancellationToken cancellationToken);
}
