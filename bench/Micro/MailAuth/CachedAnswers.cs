using System.Net;
using SlimtaFast.Dns;

namespace SlimtaFast.Micro.MailAuth;

/// <summary>A resolver whose cache holds everything there is, as a warm one does.</summary>
internal sealed class CachedAnswers : IDnsResolver
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly Dictionary<string, DnsAnswer<string>> _texts = [];
    private readonly Dictionary<string, DnsAnswer<IPAddress>> _addresses = [];

    public void Text(string name, string text) => _texts[name] = new DnsAnswer<string>(DnsStatus.Found, [text], Life);

    public void Address(string name, string address) => _addresses[name] = new DnsAnswer<IPAddress>(DnsStatus.Found, [IPAddress.Parse(address)], Life);

    public ValueTask<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancellationToken) => Answer(_texts, name);

    public ValueTask<DnsAnswer<IPAddress>> LookupAAsync(string host, CancellationToken cancellationToken) => Answer(_addresses, host);

    public ValueTask<DnsAnswer<IPAddress>> LookupAaaaAsync(string host, CancellationToken cancellationToken) => Answer<IPAddress>([], host);

    public ValueTask<DnsAnswer<MxRecord>> LookupMxAsync(string domain, CancellationToken cancellationToken) => Answer<MxRecord>([], domain);

    public ValueTask<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancellationToken) => Answer<string>([], "");

    public ValueTask<DnsAnswer<TlsaRecord>> LookupTlsaAsync(string name, CancellationToken cancellationToken) => Answer<TlsaRecord>([], name);

    private static ValueTask<DnsAnswer<T>> Answer<T>(Dictionary<string, DnsAnswer<T>> answers, string name) =>
        ValueTask.FromResult(answers.GetValueOrDefault(name) ?? new DnsAnswer<T>(DnsStatus.NoSuchName, [], Life));
}
