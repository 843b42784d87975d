using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using SlimtaFast.Dns.Caching;
using SlimtaFast.Dns.Queries;

namespace SlimtaFast.Dns;

/// <summary>
/// Looks names up at recursive servers by the DnsClient package, with a cache of its own that also keeps absences and follows an injected
/// clock. Thread-safe.
/// </summary>
public sealed class DnsClientResolver : IDnsResolver
{
    // Answers that fit this are not fragmented on today's networks; larger ones come truncated and are asked for again over TCP.
    private const int SafeDatagram = 1232;

    private readonly DnsResolverOptions _options;
    private readonly LookupClient _client;
    private readonly AnswerCache<MxRecord> _mx;
    private readonly AnswerCache<IPAddress> _a;
    private readonly AnswerCache<IPAddress> _aaaa;
    private readonly AnswerCache<string> _txt;
    private readonly AnswerCache<string> _ptr;
    private readonly AnswerCache<TlsaRecord> _tlsa;

    /// <summary>Makes a resolver.</summary>
    /// <param name="options">Servers, times and bounds.</param>
    /// <param name="time">The clock of the cache.</param>
    public DnsClientResolver(DnsResolverOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        _client = new LookupClient(MakeClientOptions(options));
        _mx = Cache(QueryType.MX, time, static record =>
            record is DnsClient.Protocol.MxRecord mx ? (true, new MxRecord(mx.Preference, AnswerReader.Normalize(mx.Exchange.Value))) : default);
        _a = Cache(QueryType.A, time, static record => record is ARecord a ? (true, a.Address) : (false, IPAddress.None));
        _aaaa = Cache(QueryType.AAAA, time, static record => record is AaaaRecord aaaa ? (true, aaaa.Address) : (false, IPAddress.None));
        _txt = Cache(QueryType.TXT, time, static record => record is TxtRecord txt ? (true, string.Concat(txt.Text)) : (false, ""));
        _ptr = Cache(QueryType.PTR, time, static record => record is PtrRecord ptr ? (true, AnswerReader.Normalize(ptr.PtrDomainName.Value)) : (false, ""));
        _tlsa = Cache(QueryType.TLSA, time, static record => record is DnsClient.Protocol.TlsaRecord tlsa ? (true, Convert(tlsa)) : (false, null!));
    }

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<MxRecord>> LookupMxAsync(string domain, CancellationToken cancellationToken) => _mx.GetAsync(Key(domain), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<IPAddress>> LookupAAsync(string host, CancellationToken cancellationToken) => _a.GetAsync(Key(host), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<IPAddress>> LookupAaaaAsync(string host, CancellationToken cancellationToken) => _aaaa.GetAsync(Key(host), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancellationToken) => _txt.GetAsync(Key(name), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return _ptr.GetAsync(Key(LookupClient.GetReverseQuestion(address).QueryName.Value), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<TlsaRecord>> LookupTlsaAsync(string name, CancellationToken cancellationToken) => _tlsa.GetAsync(Key(name), cancellationToken);

    private static LookupClientOptions MakeClientOptions(DnsResolverOptions options)
    {
        LookupClientOptions made = options.Servers is null ? new LookupClientOptions() : new LookupClientOptions([.. options.Servers]);
        made.UseCache = false;
        made.Timeout = options.Timeout;
        made.Retries = options.Retries;
        made.ThrowDnsErrors = false;
        made.ContinueOnEmptyResponse = false;
        made.UseRandomNameServer = false;
        made.RequestDnsSecRecords = true;
        made.ExtendedDnsBufferSize = SafeDatagram;
        return made;
    }

    private static string Key(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return AnswerReader.Normalize(name);
    }

    private static TlsaRecord Convert(DnsClient.Protocol.TlsaRecord record) =>
        new((byte)record.CertificateUsage, (byte)record.Selector, (byte)record.MatchingType, record.CertificateAssociationData.ToArray());

    private AnswerCache<T> Cache<T>(QueryType type, TimeProvider time, Func<DnsResourceRecord, (bool IsUsable, T Record)> read) =>
        new(_options.MaxCacheEntries, time, name => AskAsync(name, type, read));

    private async Task<DnsAnswer<T>> AskAsync<T>(string name, QueryType type, Func<DnsResourceRecord, (bool IsUsable, T Record)> read)
    {
        DnsQuestion question;
        try
        {
            question = new DnsQuestion(name, type);
        }
        catch (ArgumentException)
        {
            // Not a name that the DNS can hold: an empty label, or one that is too long.
            return new DnsAnswer<T>(DnsStatus.NoSuchName, [], TimeSpan.Zero);
        }

        try
        {
            IDnsQueryResponse response = await _client.QueryAsync(question, CancellationToken.None).ConfigureAwait(false);
            return AnswerReader.Read(response, name, type, read, _options);
        }
        catch (Exception trouble) when (trouble is DnsResponseException or DnsResponseParseException or SocketException or IOException or OperationCanceledException or InvalidOperationException
            or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // The last three are what an answer that lies about its own sizes makes of the reading of it.
            return Failed<T>(trouble.Message);
        }
    }

    private DnsAnswer<T> Failed<T>(string problem) => new(DnsStatus.Failed, [], _options.FailureTimeToLive, Problem: problem);
}
