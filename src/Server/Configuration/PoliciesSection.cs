using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using SlimtaFast.Queue;

namespace SlimtaFast.Server.Configuration;

/// <summary>
/// The section <c>Policies</c>: an array of objects, each with a <c>Type</c> and that type's keys, in the order in which they are applied.
/// </summary>
internal static class PoliciesSection
{
    private const string Name = "Policies";
    private const string Split = "Split";

    // In the order of the documentation.
    private static readonly Dictionary<string, Func<SettingsReader, string, Func<PolicySources, IQueuePolicy>?>> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["AddDate"] = static (_, _) => static _ => QueuePolicies.AddDate,
        ["AddMessageId"] = static (_, _) => static sources => QueuePolicies.AddMessageId(sources.HostName),
        ["AddReceived"] = static (_, _) => static sources => QueuePolicies.AddReceived(sources.HostName),
        ["AddHeader"] = ReadAddHeader,
        ["RemoveHeaders"] = ReadRemoveHeaders,
        ["RewriteHeaders"] = ReadRewriteHeaders,
        ["SplitByRecipient"] = static (_, _) => static _ => QueuePolicies.SplitByRecipient,
        ["SplitByDomain"] = static (_, _) => static _ => QueuePolicies.SplitByDomain,
        ["Forward"] = ReadForward,
        ["Aliases"] = ReadAliases,
        ["Lookup"] = ReadLookupPolicy,
        ["SpamAssassin"] = ReadSpamAssassin,
    };

    /// <summary>The names of all types.</summary>
    public static IReadOnlyCollection<string> TypeNames => Types.Keys;

    /// <summary>Reads the section; null where it is not given, which means Date, Message-ID and Received.</summary>
    public static IReadOnlyList<PolicySettings>? Read(SettingsReader reader)
    {
        IReadOnlyList<string> entries = reader.Objects(Name);
        if (entries.Count == 0)
            return null;
        var policies = new List<PolicySettings>();
        string? split = null;
        foreach (string entry in entries)
        {
            string type = reader.Text(entry + "Type", "");

            // Each part would be edited, and its body kept, by itself; and who gets it by way of two parts would get it twice.
            if (split is not null && !type.StartsWith("Add", StringComparison.OrdinalIgnoreCase) && !type.StartsWith(Split, StringComparison.OrdinalIgnoreCase))
                reader.Refuse(entry + "Type", $"{type} has to stand before {split}");
            if (type.StartsWith(Split, StringComparison.OrdinalIgnoreCase))
                split ??= type;
            if (!Types.TryGetValue(type, out Func<SettingsReader, string, Func<PolicySources, IQueuePolicy>?>? read))
                reader.Refuse(entry + "Type", $"'{type}' is none of {string.Join(", ", Types.Keys)}");
            else if (read(reader, entry) is { } make)
                policies.Add(new PolicySettings(type, make));
        }

        return policies;
    }

    private static Func<PolicySources, IQueuePolicy>? ReadAddHeader(SettingsReader reader, string entry)
    {
        string name = reader.Text(entry + "Name", ""), value = reader.Text(entry + "Value", "");
        bool onlyIfMissing = reader.Truth(entry + "OnlyIfMissing", false);
        return Made(reader, entry + "Name", () => QueuePolicies.AddHeader(name, "", onlyIfMissing)) is null
            ? null
            : Made(reader, entry + "Value", () => QueuePolicies.AddHeader(name, value, onlyIfMissing));
    }

    private static Func<PolicySources, IQueuePolicy>? ReadRemoveHeaders(SettingsReader reader, string entry)
    {
        IReadOnlyList<string> names = reader.List(entry + "Names", [], static text => text);
        return Made(reader, entry + "Names", () => QueuePolicies.RemoveHeaders(names));
    }

    private static Func<PolicySources, IQueuePolicy>? ReadRewriteHeaders(SettingsReader reader, string entry)
    {
        IReadOnlyList<string> names = reader.List(entry + "Names", [], static text => text);
        string pattern = reader.Verbatim(entry + "Pattern", ""), replacement = reader.Verbatim(entry + "Replacement", "");
        bool ignoreCase = reader.Truth(entry + "IgnoreCase", false);
        if (pattern.Length == 0)
        {
            reader.Refuse(entry + "Pattern", "a regular expression is needed");
            return null;
        }

        return Made(reader, entry + "Names", () => QueuePolicies.RemoveHeaders(names)) is null
            ? null
            : Made(reader, entry + "Pattern", () => QueuePolicies.RewriteHeaders(names, pattern, replacement, ignoreCase));
    }

    private static Func<PolicySources, IQueuePolicy>? ReadForward(SettingsReader reader, string entry)
    {
        bool ignoreCase = reader.Truth(entry + "IgnoreCase", true);
        var rules = new List<ForwardRule>();
        foreach (string rule in reader.Objects(entry + "Rules"))
        {
            string pattern = reader.Verbatim(rule + "Pattern", ""), replacement = reader.Verbatim(rule + "Replacement", "");
            int count = reader.Number(rule + "Count", 0, 0, 1000);
            if (pattern.Length == 0)
                reader.Refuse(rule + "Pattern", "a regular expression is needed");
            else
                reader.Attempt(rule + "Pattern", () => rules.Add(new ForwardRule(pattern, replacement, count, ignoreCase)));
        }

        if (rules.Count == 0)
            reader.Refuse(entry + "Rules", "at least one good rule is needed, each with Pattern and Replacement");
        return _ => new ForwardPolicy(rules);
    }

    private static Func<PolicySources, IQueuePolicy>? ReadAliases(SettingsReader reader, string entry)
    {
        var plain = new AliasOptions();
        LookupAddress? address = ReadLookup(reader, entry);
        var options = new AliasOptions
        {
            // An empty text counts as not given.
            Delimiter = reader.Text(entry + nameof(plain.Delimiter), plain.Delimiter) is var text && text.Equals("off", StringComparison.OrdinalIgnoreCase) ? "" : text,
            KeepTag = reader.Truth(entry + nameof(plain.KeepTag), plain.KeepTag),
            MaxDepth = reader.Number(entry + nameof(plain.MaxDepth), plain.MaxDepth, 1, 100),
            MaxRecipients = reader.Number(entry + nameof(plain.MaxRecipients), plain.MaxRecipients, 1, 1_000_000),
        };
        return address is null ? null : sources => new AliasPolicy(sources.Lookup(address), options);
    }

    private static Func<PolicySources, IQueuePolicy>? ReadLookupPolicy(SettingsReader reader, string entry)
    {
        LookupAddress? address = ReadLookup(reader, entry);
        bool onSender = reader.Truth(entry + "OnSender", false), onRecipients = reader.Truth(entry + "OnRecipients", true);
        return address is null ? null : sources => new LookupPolicy(sources.Lookup(address), onSender, onRecipients);
    }

    private static Func<PolicySources, IQueuePolicy>? ReadSpamAssassin(SettingsReader reader, string entry)
    {
        var plain = new SpamAssassinOptions();
        var options = new SpamAssassinOptions
        {
            EndPoint = reader.Parsed(entry + "Address", "127.0.0.1:783", ParseEndPoint),
            User = reader.Parsed(entry + nameof(plain.User), "", ParseUser),
            Timeout = reader.Duration(entry + nameof(plain.Timeout), plain.Timeout),
            MaxSize = reader.Size(entry + nameof(plain.MaxSize), plain.MaxSize, 1),
            MaxScans = reader.Number(entry + nameof(plain.MaxScans), plain.MaxScans, 1, 10_000),
            RefuseScore = reader.Parsed(entry + nameof(plain.RefuseScore), "off", ParseScore),
            Unavailable = reader.Choice(entry + nameof(plain.Unavailable), plain.Unavailable),
        };
        return sources => new SpamAssassinPolicy(options, sources.Time, sources.Loggers.CreateLogger<SpamAssassinPolicy>());
    }

    private static LookupAddress? ReadLookup(SettingsReader reader, string entry) => reader.Parsed(
        entry + "Source",
        "",
        text => text.Length > 0 ? LookupAddress.Parse(text) : throw new FormatException("a file, redis://... or sqlite:... is needed"),
        null);

    // A policy without state is made once, to see whether it can be.
    private static Func<PolicySources, IQueuePolicy>? Made(SettingsReader reader, string key, Func<IQueuePolicy> make)
    {
        IQueuePolicy? made = null;
        reader.Attempt(key, () => made = make());
        return made is null ? null : _ => made;
    }

    private static EndPoint ParseEndPoint(string text)
    {
        const string Unix = "unix:";
        if (text.StartsWith(Unix, StringComparison.OrdinalIgnoreCase))
            return new UnixDomainSocketEndPoint(text[Unix.Length..]);
        HostPort server = HostPort.Parse(text, 783);
        return IPAddress.TryParse(server.Host, out IPAddress? address) ? new IPEndPoint(address, server.Port) : new DnsEndPoint(server.Host, server.Port);
    }

    private static string ParseUser(string text) =>
        text.All(static c => c is > ' ' and <= '~') ? text : throw new FormatException($"'{text}' is not the name of a user");

    private static double? ParseScore(string text) =>
        text.Equals("off", StringComparison.OrdinalIgnoreCase) ? null
        : double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double score) && double.IsFinite(score) ? score
        : throw new FormatException($"'{text}' is neither a score such as 10.5 nor off");
}
