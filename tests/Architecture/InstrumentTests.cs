using System.Text.Json;
using System.Text.RegularExpressions;

namespace SlimtaFast.Architecture.Tests;

/// <summary>docs/observability.md lists every instrument that the source makes, and no other; the dashboard asks for those only.</summary>
public sealed partial class InstrumentTests
{
    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["Counter"] = "counter",
        ["UpDownCounter"] = "up-down counter",
        ["Histogram"] = "histogram",
        ["ObservableGauge"] = "gauge",
    };

    [Fact]
    public void Documentation_lists_every_instrument()
    {
        string[] made = [.. SourceTree.CSharp("src").SelectMany(Instruments).Order(StringComparer.Ordinal)];
        Assert.True(made.Length > 40, "The instruments were not found in the source.");
        Assert.Equal(made, Documented().Select(static row => $"{row.Name} {row.Prometheus} {row.Kind} {row.Unit}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_way_to_make_an_instrument_is_understood()
    {
        foreach (string path in SourceTree.CSharp("src"))
        {
            int calls = AnyInstrument().Count(SourceTree.Read(path));
            Assert.True(calls == Instruments(path).Count(), $"{path}: an instrument has no name, unit and description that this test can read.");
        }
    }

    [Fact]
    public void Dashboard_asks_for_what_there_is()
    {
        HashSet<string> series = [.. Documented().SelectMany(static row => row.Kind == "histogram"
            ? (string[])[row.Prometheus + "_bucket", row.Prometheus + "_sum", row.Prometheus + "_count"]
            : [row.Prometheus])];
        using JsonDocument dashboard = JsonDocument.Parse(SourceTree.Read("docs/grafana-dashboard.json"));
        string[] queries = [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(static panel => panel.GetProperty("targets").EnumerateArray())
            .Select(static target => target.GetProperty("expr").GetString()!)];
        Assert.True(queries.Length > 20);
        foreach (string query in queries)
        {
            string[] names = [.. SeriesName().Matches(query).Select(static match => match.Value)];
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.True(series.Contains(name), $"The dashboard asks for {name}, which there is not."));
        }
    }

    private static IEnumerable<string> Instruments(string path) => Instrument().Matches(SourceTree.Read(path)).Select(static match =>
    {
        (string name, string kind, string unit) = (match.Groups["name"].Value, match.Groups["kind"].Value, match.Groups["unit"].Value);
        string prometheus = name.Replace('.', '_') + (unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" }) + (kind == "Counter" ? "_total" : "");
        return $"{name} {prometheus} {Kinds[kind]} {unit}";
    });

    private static IEnumerable<(string Name, string Prometheus, string Kind, string Unit)> Documented() =>
        Row().Matches(SourceTree.Read("docs/observability.md"))
            .Select(static match => (match.Groups["name"].Value, match.Groups["prometheus"].Value, match.Groups["kind"].Value, match.Groups["unit"].Value));

    [GeneratedRegex(@"Create(?<kind>Counter|UpDownCounter|Histogram|ObservableGauge)(<\w+>)?\(\s*""(?<name>[^""]+)""[^;]*?""(?<unit>\{\w+\}|s|By)"",\s*""[^""]+""", RegexOptions.ExplicitCapture)]
    private static partial Regex Instrument();

    [GeneratedRegex(@"\.Create(Observable)?(UpDown)?(Counter|Histogram|Gauge)(<\w+>)?\(", RegexOptions.ExplicitCapture)]
    private static partial Regex AnyInstrument();

    [GeneratedRegex(@"^\| `(?<name>slimtafast\.[\w.]+)` \| `(?<prometheus>\w+)` \| (?<kind>[\w -]+) \| `(?<unit>[^`]+)` \| \S", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    [GeneratedRegex(@"\bslimtafast_\w+")]
    private static partial Regex SeriesName();
}
