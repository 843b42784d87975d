using SlimtaFast.Relay;

namespace SlimtaFast.Server.Configuration;

/// <summary>The list of sections <c>Routes</c>: domains whose mail goes another way than <c>Relay</c> says.</summary>
internal static class RoutesSection
{
    private const string Name = "Routes";

    /// <summary>Reads the list.</summary>
    /// <param name="reader">The settings.</param>
    /// <param name="delivery">How hops are spoken to where a route says nothing of its own.</param>
    /// <param name="process">How programs are run where a route says nothing of its own.</param>
    public static IReadOnlyList<RouteSettings> Read(SettingsReader reader, SmtpRelayOptions delivery, PipeProcessOptions process)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. reader.Sections(Name).Select(section => ReadRoute(reader, section, delivery, process, taken))];
    }

    /// <summary>Reads where the routes of other domains are looked up; null for nowhere.</summary>
    public static LookupAddress? ReadLookup(SettingsReader reader) =>
        reader.Parsed("RouteLookup", "", static text => text.Length == 0 ? null : LookupAddress.Parse(text));

    private static RouteSettings ReadRoute(SettingsReader reader, string section, SmtpRelayOptions delivery, PipeProcessOptions process, HashSet<string> taken)
    {
        string domainsKey = section + "Domains", relayKey = section + "Relay";
        IReadOnlyList<string> domains = reader.List(domainsKey, [], AcceptedDomain.Parse);
        if (domains.Count == 0)
            reader.Refuse(domainsKey, "the domains of the route are needed, such as example.org, or .example.org for all names below it");
        foreach (string domain in domains.Where(domain => !taken.Add(domain)))
            reader.Refuse(domainsKey, $"{domain} has a route already");
        if (reader.Text(relayKey, "").Length == 0)
            reader.Refuse(relayKey, "where the mail of these domains goes is needed, such as smtp://10.0.0.1 or mx:");
        RelayAddress relay = reader.Parsed(relayKey, "mx:", RelayAddress.Parse);
        if (relay.Kind == RelayKind.Hold)
            reader.Refuse(relayKey, "a route cannot hold mail; hold: is for the whole server");
        string own = section + "Delivery:";
        PipeSettings pipe = new PipeSection(reader, section).Read(relay, process);
        return new RouteSettings(domains, relay, DeliverySection.Read(reader, own, delivery, relay), DeliverySection.ReadCertificate(reader, own), pipe, section);
    }
}
