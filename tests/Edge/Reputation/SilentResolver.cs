using System.Net;
using SlimtaFast.Dns;

namespace SlimtaFast.Edge.Tests.Reputation;

/// <summary>A resolver that never answers.</summary>
internal sealed class SilentResolver : IDnsResolver
{
    public ValueTask<DnsAnswer<MxRecord>> LookupMxAsync(string domain, CancellationToken cancellationToken) => Never<MxRecord>();

    public ValueTask<DnsAnswer<IPAddress>> LookupAAsync(string host, CancellationToken cancellationToken) => Never<IPAddress>();

    public ValueTask<DnsAnswer<IPAddress>> LookupAaaaAsync(string host, CancellationToken cancellationToken) => Never<IPAddress>();

    public ValueTask<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancellationToken) => Never<string>();

    public ValueTask<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancellationToken) => Never<string>();

    public ValueTask<DnsAnswer<TlsaRecord>> LookupTlsaAsync(string name, CancellationToken cancellationToken) => Never<TlsaRecord>();

    private static ValueTask<DnsAnswer<T>> Never<T>() => new(new TaskCompletionSource<DnsAnswer<T>>().Task);
}
