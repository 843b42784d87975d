using System.Net;
using SlimtaFast.Dns;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Smtp;

namespace SlimtaFast.Relay.Mx;

/// <summary>
/// Finds the hosts of a domain (RFC 5321 section 5.1): its MX records by preference, in random order among equals; the domain itself
/// only where the DNS says for certain that there is no MX record; none where it publishes the null MX of RFC 7505. Thread-safe.
/// </summary>
internal sealed class MxRouter
{
    private static readonly MxRoute NullMx = Refused(new SmtpReply(556, "5.1.10", "The domain takes no mail (null MX)"));
    private static readonly MxRoute NoExchanger = Refused(new SmtpReply(550, "5.4.4", "None of the domain's mail exchangers is a host name"));
    private static readonly MxRoute NoDomain = Refused(new SmtpReply(550, "5.1.2", "The address has no domain to deliver to"));

    private readonly IDnsResolver _resolver;
    private readonly int _port;
    private readonly Random _random;
    private readonly Lock _randomGate = new();

    /// <summary>Asks a resolver; the random source orders hosts of the same preference.</summary>
    public MxRouter(IDnsResolver resolver, int port, Random random)
    {
        _resolver = resolver;
        _port = port;
        _random = random;
    }

    /// <summary>The hosts for a domain in lower case or an address literal.</summary>
    public ValueTask<MxRoute> FindAsync(string domain, CancellationToken cancellationToken)
    {
        if (domain.Length == 0)
            return ValueTask.FromResult(NoDomain);
        if (domain[0] == '[')
            return ValueTask.FromResult(FromLiteral(domain));
        if (!DomainNames.TryGetAscii(domain, out string name) || IPAddress.TryParse(name, out _))
            return ValueTask.FromResult(Refused(new SmtpReply(550, "5.1.2", "The domain is not a name of the DNS")));
        return AskAsync(name, cancellationToken);
    }

    private async ValueTask<MxRoute> AskAsync(string domain, CancellationToken cancellationToken)
    {
        DnsAnswer<MxRecord> answer = await _resolver.LookupMxAsync(domain, cancellationToken);
        switch (answer.Status)
        {
            case DnsStatus.Found:
                return Order(answer.Records);
            case DnsStatus.NoRecords:
                return new MxRoute([new Target(domain, _port)]);
            case DnsStatus.NoSuchName:
                return Refused(new SmtpReply(550, "5.1.2", $"The domain {domain} does not exist"));
            default:
                // Not knowing must never be taken for knowing that there is no record.
                SmtpReply reply = SmtpReply.FromForeignText(451, new EnhancedStatus(4, 4, 3), $"The mail exchangers of {domain} could not be looked up: {answer.Problem}");
                return new MxRoute([], new RecipientOutcome(OutcomeKind.Transient, reply), HopCondition.Down);
        }
    }

    private MxRoute Order(IReadOnlyList<MxRecord> records)
    {
        if (records.Count == 1 && records[0].Exchange.Length == 0)
            return NullMx;
        if (records.Count == 1 && IsHostName(records[0]))
            return new MxRoute([new Target(records[0].Exchange, _port)]);
        MxRecord[] usable = [.. records.Where(IsHostName)];
        lock (_randomGate)
            _random.Shuffle(usable);
        // Stable, so that equals stay as shuffled.
        Target[] hosts = [.. usable.OrderBy(static record => record.Preference).Select(record => new Target(record.Exchange, _port)).Distinct()];
        return hosts.Length == 0 ? NoExchanger : new MxRoute(hosts);
    }

    // A null MX beside others is a mistake: the others count (RFC 7505 section 3). So is an address instead of a name, which a resolver
    // hands on as the name that it looks like (RFC 5321 section 5.1).
    private static bool IsHostName(MxRecord record) => record.Exchange.Length > 0 && !IPAddress.TryParse(record.Exchange, out _);

    // address-literal = "[" ( IPv4-address / "IPv6:" IPv6-address ) "]" (RFC 5321 section 4.1.3)
    private MxRoute FromLiteral(string domain)
    {
        const string V6 = "ipv6:";
        ReadOnlySpan<char> text = domain.AsSpan(1, Math.Max(0, domain.Length - 2));
        bool isV6 = text.StartsWith(V6, StringComparison.OrdinalIgnoreCase);
        if (isV6)
            text = text[V6.Length..];
        if (domain[^1] != ']' || text.Contains(':') != isV6 || !IPAddress.TryParse(text, out IPAddress? address))
            return Refused(new SmtpReply(550, "5.1.2", "The address literal is not one that can be delivered to"));
        return new MxRoute([new Target(address.ToString(), _port)]);
    }

    private static MxRoute Refused(SmtpReply reply) => new([], new RecipientOutcome(OutcomeKind.Permanent, reply));
}
