using SlimtaFast.Edge;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Checks</c>: what clients, senders and recipients are checked for.</summary>
internal static class ChecksSection
{
    private const string Name = "Checks:";

    /// <summary>Reads the section.</summary>
    public static CheckSettings Read(SettingsReader reader)
    {
        var plain = new CheckSettings();
        return new CheckSettings
        {
            ReverseName = reader.Choice(Name + nameof(plain.ReverseName), plain.ReverseName),
            Hello = reader.Choice(Name + nameof(plain.Hello), plain.Hello),
            GreetingDelay = reader.DurationOrOff(Name + nameof(plain.GreetingDelay), plain.GreetingDelay),
            DnsLists = reader.List(Name + nameof(plain.DnsLists), plain.DnsLists, DnsList.Parse),
            DnsListThreshold = reader.Number(Name + nameof(plain.DnsListThreshold), plain.DnsListThreshold, 1, 1_000_000),
            DnsListReply = reader.Text(Name + nameof(plain.DnsListReply), new DnsListOptions { Lists = [] }.Reply),
            DnsListAtConnect = reader.Truth(Name + nameof(plain.DnsListAtConnect), plain.DnsListAtConnect),
            DnsTimeout = reader.Duration(Name + nameof(plain.DnsTimeout), plain.DnsTimeout),
            Senders = reader.Parsed(Name + nameof(plain.Senders), "", ParseLookup),
            Recipients = reader.Parsed(Name + nameof(plain.Recipients), "", ParseLookup),
            RecipientsComplete = reader.Truth(Name + nameof(plain.RecipientsComplete), plain.RecipientsComplete),
        };
    }

    private static LookupAddress? ParseLookup(string text) => text.Length == 0 ? null : LookupAddress.Parse(text);
}
