using System.Globalization;
using System.Net;
using SlimtaFast.Dns;
using SlimtaFast.TestKit.Dns;
using YamlDotNet.RepresentationModel;

namespace SlimtaFast.MailAuth.Tests.Spf.Suite;

/// <summary>A zone of the public suite as a resolver. An SPF entry is a text record, unless the name has text entries of its own.</summary>
internal sealed class SuiteZone
{
    private const string Timeout = "TIMEOUT";
    private static readonly string[] Kinds = ["A", "AAAA", "MX", "TXT", "PTR"];

    private readonly Dictionary<string, List<(string Type, YamlNode Value)>> _entries = new(StringComparer.OrdinalIgnoreCase);

    public SuiteZone(YamlMappingNode zone)
    {
        foreach ((YamlNode name, YamlNode records) in zone.Children)
        {
            var entries = new List<(string, YamlNode)>();
            foreach (YamlNode record in (YamlSequenceNode)records)
            {
                if (record is YamlMappingNode typed)
                    entries.AddRange(typed.Children.Select(static pair => (pair.Key.ToString(), pair.Value)));
                else
                    entries.Add((Timeout, record));
            }

            _entries.Add(name.ToString().TrimEnd('.'), entries);
        }
    }

    /// <summary>A resolver that knows the zone.</summary>
    public FakeResolver Open()
    {
        var dns = new FakeResolver();
        foreach ((string name, List<(string Type, YamlNode Value)> own) in _entries)
        {
            List<(string Type, YamlNode Value)> entries = Follow(own);
            foreach (string kind in Kinds)
                Fill(dns, kind, name.ToLowerInvariant(), entries);
        }

        return dns;
    }

    // Where aliases lead; a loop of them is what servers answer SERVFAIL to.
    private List<(string Type, YamlNode Value)> Follow(List<(string Type, YamlNode Value)> entries)
    {
        for (int i = 0; i < _entries.Count; i++)
        {
            if (entries.Find(static entry => entry.Type == "CNAME") is not { Value: { } target })
                return entries;
            entries = _entries[target.ToString().TrimEnd('.')];
        }

        return [(Timeout, entries[0].Value)];
    }

    private static void Fill(FakeResolver dns, string kind, string name, List<(string Type, YamlNode Value)> entries)
    {
        bool hasText = entries.Any(static entry => entry.Type == "TXT");
        YamlNode[] values =
        [
            .. entries.Where(entry => entry.Type == kind || (kind == "TXT" && entry.Type == "SPF" && !hasText))
                .Select(static entry => entry.Value)
                .Where(static value => value.NodeType != YamlNodeType.Scalar || value.ToString() != "NONE"),
        ];
        bool isReverse = name.EndsWith(".arpa", StringComparison.Ordinal);
        if (kind == "PTR" && !isReverse)
            return;
        string key = kind == "PTR" ? AddressOf(name) : name;
        if (values.Length == 0)
        {
            dns.Status(kind, key, entries.Any(static entry => entry.Type == Timeout) ? DnsStatus.Failed : DnsStatus.NoRecords);
            return;
        }

        string[] texts = [.. values.Select(Text)];
        switch (kind)
        {
            case "MX":
                dns.Mx(key, [.. values.Cast<YamlSequenceNode>().Select(static mx => (int.Parse(mx[0].ToString(), CultureInfo.InvariantCulture), mx[1].ToString().ToLowerInvariant()))]);
                break;
            case "TXT":
                dns.Txt(key, texts);
                break;
            case "PTR":
                dns.Ptr(key, [.. texts.Select(static text => text.TrimEnd('.').ToLowerInvariant())]);
                break;
            default:
                dns.Addresses(kind, key, texts);
                break;
        }
    }

    // The strings of one record, joined.
    private static string Text(YamlNode value) => value is YamlSequenceNode strings ? string.Concat(strings.Select(static text => text.ToString())) : ((YamlScalarNode)value).Value ?? "";

    private static string AddressOf(string reverse)
    {
        string[] parts = [.. reverse.Split('.').Reverse().Skip(2)];
        return parts.Length == 4
            ? string.Join('.', parts)
            : IPAddress.Parse(string.Join(':', parts.Chunk(4).Select(static nibbles => string.Concat(nibbles)))).ToString();
    }
}
