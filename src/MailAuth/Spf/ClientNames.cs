using System.Net;
using System.Net.Sockets;
using SlimtaFast.Dns;

namespace SlimtaFast.MailAuth.Spf;

/// <summary>The client's validated names (RFC 7208 section 5.5), looked up when somebody first asks, once for an evaluation. Not thread-safe.</summary>
internal sealed class ClientNames(IPAddress client, IDnsResolver dns, LookupGuard guard, CancellationToken cancellationToken)
{
    private const string Unknown = "unknown";

    private List<string>? _names;

    /// <summary>True where the client's address has no name, which a term that asks for one counts as a question that found nothing.</summary>
    public bool WasVoid { get; private set; }

    /// <summary>True where a name is a domain, or below it.</summary>
    public static bool IsWithin(string name, string domain) =>
        name.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
        && (name.Length == domain.Length || name[name.Length - domain.Length - 1] == '.');

    /// <summary>The validated names; none where they cannot be looked up.</summary>
    public async ValueTask<IReadOnlyList<string>> GetAsync()
    {
        if (_names is not null)
            return _names;
        _names = [];
        DnsAnswer<string> answer = await guard.WaitAsync(dns.LookupPtrAsync(client, cancellationToken)).ConfigureAwait(false);
        WasVoid = answer.Status is DnsStatus.NoRecords or DnsStatus.NoSuchName;
        // Section 4.6.4: the names behind the tenth are ignored.
        foreach (string name in answer.Records.Take(LookupGuard.MostTerms))
        {
            DnsAnswer<IPAddress> back = await guard.WaitAsync(
                client.AddressFamily == AddressFamily.InterNetwork ? dns.LookupAAsync(name, cancellationToken) : dns.LookupAaaaAsync(name, cancellationToken)).ConfigureAwait(false);
            if (back.Records.Contains(client))
                _names.Add(name.TrimEnd('.'));
        }

        return _names;
    }

    /// <summary>The macro <c>p</c>: the domain itself, else a name below it, else any; <c>unknown</c> where there is none.</summary>
    public async ValueTask<string> GetBestAsync(string domain)
    {
        IReadOnlyList<string> names = await GetAsync().ConfigureAwait(false);
        string? best = null, other = null;
        foreach (string name in names)
        {
            if (name.Equals(domain, StringComparison.OrdinalIgnoreCase))
                return name;
            if (IsWithin(name, domain))
                best ??= name;
            other ??= name;
        }

        return best ?? other ?? Unknown;
    }
}
