using System.Net;
using YamlDotNet.RepresentationModel;

namespace SlimtaFast.MailAuth.Tests.Spf.Suite;

/// <summary>The public suite of RFC 7208: sections, each with a zone and cases.</summary>
internal static class SuiteFile
{
    /// <summary>Every case, by name.</summary>
    public static IReadOnlyDictionary<string, SuiteCase> Cases { get; } = Read();

    private static Dictionary<string, SuiteCase> Read()
    {
        var yaml = new YamlStream();
        using (var reader = new StreamReader(Path.Combine(AppContext.BaseDirectory, "Spf/Suite/rfc7208-tests.yml")))
            yaml.Load(reader);
        var cases = new Dictionary<string, SuiteCase>();
        foreach (YamlMappingNode section in yaml.Documents.Select(static document => (YamlMappingNode)document.RootNode))
        {
            var zone = new SuiteZone((YamlMappingNode)section["zonedata"]);
            foreach ((YamlNode name, YamlNode node) in ((YamlMappingNode)section["tests"]).Children)
            {
                var test = (YamlMappingNode)node;
                var made = new SuiteCase(
                    $"{section["description"]}: {name}", IPAddress.Parse(test["host"].ToString()), Text(test, "mailfrom") ?? "", Text(test, "helo") ?? "", Many(test["result"]), Text(test, "explanation"), zone);
                cases.Add(made.Name, made);
            }
        }

        return cases;
    }

    private static string? Text(YamlMappingNode test, string key) => test.Children.TryGetValue(key, out YamlNode? node) ? ((YamlScalarNode)node).Value : null;

    private static string[] Many(YamlNode node) => node is YamlSequenceNode list ? [.. list.Select(static one => one.ToString())] : [node.ToString()];
}
