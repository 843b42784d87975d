using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Routing;

/// <summary>Finds the route of a domain, from the narrow to the wide. Immutable after it is made.</summary>
internal sealed class RouteTable
{
    private readonly Dictionary<DomainRoute, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, DomainRoute> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, DomainRoute>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <summary>Makes a table; throws <see cref="ArgumentException"/> where a domain stands in two routes.</summary>
    public RouteTable(IReadOnlyList<DomainRoute> routes)
    {
        foreach (DomainRoute route in routes)
        {
            _numbers.Add(route, _numbers.Count + 1);
            foreach (string domain in route.Domains)
            {
                if (!_byName.TryAdd(Spell(domain), route))
                    throw new ArgumentException($"{domain} has more than one route.", nameof(routes));
            }
        }

        _lookup = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>A route's place among all, from 1 on.</summary>
    public int NumberOf(DomainRoute route) => _numbers[route];

    /// <summary>The route of a domain, or null for none.</summary>
    public DomainRoute? Find(string name)
    {
        ReadOnlySpan<char> domain = Spell(name);
        if (_lookup.TryGetValue(domain, out DomainRoute? route))
            return route;
        for (int dot = domain.IndexOf('.'); dot >= 0;)
        {
            domain = domain[dot..];
            if (_lookup.TryGetValue(domain, out route))
                return route;
            int next = domain[1..].IndexOf('.');
            dot = next < 0 ? -1 : next + 1;
        }

        return null;
    }

    // A sender may write an international domain in either way, and so may the configuration: here all are A-labels.
    private static string Spell(string domain)
    {
        if (Ascii.IsValid(domain))
            return domain;
        bool isBelow = domain.StartsWith('.');
        return DomainNames.TryGetAscii(isBelow ? domain[1..] : domain, out string ascii) ? (isBelow ? "." + ascii : ascii) : domain;
    }
}
