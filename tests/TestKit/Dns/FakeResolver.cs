using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using SlimtaFast.Dns;

namespace SlimtaFast.TestKit.Dns;

/// <summary>A resolver that answers from a table, at once. What is not in it does not exist.</summary>
public sealed class FakeResolver : IDnsResolver
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(string Kind, string Name), object> _answers = new();
    private readonly ConcurrentQueue<(string Kind, string Name)> _questions = new();

    /// <summary>What was asked so far.</summary>
    public IReadOnlyList<(string Kind, string Name)> Questions => [.. _questions];

    /// <summary>Gives a domain exchangers; an empty name is a null MX.</summary>
    public FakeResolver Mx(string domain, params (int Preference, string Exchange)[] records) =>
        Set("MX", domain, Found([.. records.Select(static record => new MxRecord(record.Preference, record.Exchange))]));

    /// <summary>Gives a host addresses of both kinds; a kind of which there is none has no records.</summary>
    public FakeResolver Host(string name, params string[] addresses)
    {
        IPAddress[] all = [.. addresses.Select(IPAddress.Parse)];
        Set("A", name, FoundOrNone([.. all.Where(static address => address.AddressFamily == AddressFamily.InterNetwork)]));
        return Set("AAAA", name, FoundOrNone([.. all.Where(static address => address.AddressFamily == AddressFamily.InterNetworkV6)]));
    }

    /// <summary>Gives a host addresses of one kind, <c>A</c> or <c>AAAA</c>.</summary>
    public FakeResolver Addresses(string kind, string name, params string[] addresses) => Set(kind, name, Found([.. addresses.Select(IPAddress.Parse)]));

    /// <summary>Gives a name text records.</summary>
    public FakeResolver Txt(string name, params string[] records) => Set("TXT", name, FoundOrNone(records));

    /// <summary>Gives an address host names.</summary>
    public FakeResolver Ptr(string address, params string[] names) => Set("PTR", IPAddress.Parse(address).ToString(), FoundOrNone(names));

    /// <summary>Gives a name certificate associations.</summary>
    public FakeResolver Tlsa(string name, params TlsaRecord[] records) => Set("TLSA", name, FoundOrNone(records));

    /// <summary>Says of a name and a kind (<c>MX</c>, <c>A</c>, <c>AAAA</c>, <c>TXT</c>, <c>PTR</c>, <c>TLSA</c>) that there is nothing, or that nobody knows.</summary>
    public FakeResolver Status(string kind, string name, DnsStatus status) => Set(kind, name, status);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<MxRecord>> LookupMxAsync(string domain, CancellationToken cancellationToken) => Answer<MxRecord>("MX", domain);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<IPAddress>> LookupAAsync(string host, CancellationToken cancellationToken) => Answer<IPAddress>("A", host);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<IPAddress>> LookupAaaaAsync(string host, CancellationToken cancellationToken) => Answer<IPAddress>("AAAA", host);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancellationToken) => Answer<string>("TXT", name);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Answer<string>("PTR", address.ToString());
    }

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<TlsaRecord>> LookupTlsaAsync(string name, CancellationToken cancellationToken) => Answer<TlsaRecord>("TLSA", name);

    private static DnsAnswer<T> Found<T>(T[] records) => new(DnsStatus.Found, records, Life);

    private static DnsAnswer<T> FoundOrNone<T>(T[] records) => new(records.Length > 0 ? DnsStatus.Found : DnsStatus.NoRecords, records, Life);

    private FakeResolver Set(string kind, string name, object answer)
    {
        _answers[(kind, name)] = answer;
        return this;
    }

    private ValueTask<DnsAnswer<T>> Answer<T>(string kind, string name)
    {
        _questions.Enqueue((kind, name));
        return ValueTask.FromResult(_answers.GetValueOrDefault((kind, name), DnsStatus.NoSuchName) switch
        {
            DnsAnswer<T> answer => answer,
            DnsStatus status => new DnsAnswer<T>(status, [], Life, Problem: status == DnsStatus.Failed ? "SERVFAIL" : null),
            object other => throw new InvalidOperationException($"{kind} {name} has an answer of type {other.GetType()}."),
        });
    }
}
