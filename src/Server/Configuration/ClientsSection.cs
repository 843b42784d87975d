using SlimtaFast.Edge;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Clients</c>: what one client may do.</summary>
internal static class ClientsSection
{
    private const string Name = "Clients:";

    /// <summary>Reads the section.</summary>
    public static ClientLimits Read(SettingsReader reader)
    {
        var plain = new ClientLimits();
        return plain with
        {
            Exempt = reader.List(Name + nameof(plain.Exempt), plain.Exempt, TrustedNetwork.Parse),
            IPv4Prefix = reader.Number(Name + nameof(plain.IPv4Prefix), plain.IPv4Prefix, 1, 32),
            IPv6Prefix = reader.Number(Name + nameof(plain.IPv6Prefix), plain.IPv6Prefix, 1, 128),
            ConnectionsPerMinute = reader.Number(Name + nameof(plain.ConnectionsPerMinute), plain.ConnectionsPerMinute, 0, 1_000_000),
            MessagesPerMinute = reader.Number(Name + nameof(plain.MessagesPerMinute), plain.MessagesPerMinute, 0, 1_000_000),
            RecipientsPerHour = reader.Number(Name + nameof(plain.RecipientsPerHour), plain.RecipientsPerHour, 0, 1_000_000_000),
            MaxRemembered = reader.Number(Name + nameof(plain.MaxRemembered), plain.MaxRemembered, 1, 100_000_000),
        };
    }
}
