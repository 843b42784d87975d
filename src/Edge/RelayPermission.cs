using System.Collections.Frozen;
using System.Net;
using SlimtaFast.Edge.Limits;
using SlimtaFast.Mail;

namespace SlimtaFast.Edge;

/// <summary>
/// Who may send where. Clients in a trusted network may address any domain, everybody else only the accepted ones, so that no server
/// is an open relay by default. Immutable and thread-safe.
/// </summary>
public sealed class RelayPermission
{
    private readonly NetworkList _trust;
    private readonly FrozenSet<string> _domains;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _domainsBySpan;
    private readonly string[] _parents;

    /// <summary>Makes a permission.</summary>
    /// <param name="trust">Client networks that may relay anywhere.</param>
    /// <param name="acceptDomains">Domains open to all; a leading dot stands for all subdomains.</param>
    public RelayPermission(IEnumerable<IPNetwork> trust, IEnumerable<string> acceptDomains)
    {
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(acceptDomains);
        _trust = new NetworkList(trust);
        string[] all = [.. acceptDomains];
        _domains = all.Where(d => !d.StartsWith('.')).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _domainsBySpan = _domains.GetAlternateLookup<ReadOnlySpan<char>>();
        _parents = [.. all.Where(d => d.StartsWith('.'))];
    }

    /// <summary>The loopback networks, 127.0.0.0/8 and ::1/128.</summary>
    public static IReadOnlyList<IPNetwork> Loopback { get; } =
        [new IPNetwork(IPAddress.Parse("127.0.0.0"), 8), new IPNetwork(IPAddress.IPv6Loopback, 128)];

    /// <summary>True where a client at this address may send to any domain. An unknown address is not trusted.</summary>
    public bool IsTrusted(IPAddress? client) => _trust.Contains(client);

    /// <summary>
    /// True where anybody may send to this address. <c>postmaster</c> without a domain is always accepted (RFC 5321 section 4.5.1).
    /// </summary>
    public bool Accepts(Mailbox recipient)
    {
        ReadOnlySpan<char> domain = recipient.Domain;
        if (domain.IsEmpty || _domainsBySpan.Contains(domain))
            return true;
        foreach (string parent in _parents)
        {
            if (domain.EndsWith(parent, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
