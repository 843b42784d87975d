using System.Text.Json;
using SlimtaFast.Server.Administration;

namespace SlimtaFast.Server.Tests.Administration;

public class TopScreenTests
{
    private const string Rate = """{"now":12.34,"minute":1,"total":1234567,"series":[]}""";
    private const string Figures = $$$"""{"upSeconds":3700,"accepted":{{{Rate}}},"delivered":{{{Rate}}},"deferred":{{{Rate}}},"bounced":{{{Rate}}},"refused":{{{Rate}}},"connections":3,"delivery":{"count":2,"mean":1,"median":0.0123,"p95":2,"p99":90}}""";
    private const string Queue = """{"waiting":100000,"ready":20,"active":3,"recording":0,"suspendedHops":1,"domains":5,"paused":false,"holds":false,"loading":false,"onlyThisProcess":false,"storedItems":100023,"storedOctets":1,"acceptsNew":true}""";
    private const string Hops = """{"hops":[{"hop":"ev\u202eil\u001b[2J.example","ready":20,"active":0,"limit":5,"suspendedUntil":"2026-11-27T12:00:00Z","suspendedByOperator":false,"trouble":"451 4.0.0 \u001b]0;x\u0007"},{"hop":"b.example","ready":0,"active":3,"limit":5,"suspendedByOperator":false}],"more":7}""";

    [Fact]
    public void Everything_is_told_in_plain_lines()
    {
        IReadOnlyList<string> lines = Draw(colours: false);
        string all = string.Join('\n', lines);
        Assert.StartsWith("http://127.0.0.1:2580  2026-11-27 12:00:00Z  delivers  3 connections, counted for 1 h 1 min", all, StringComparison.Ordinal);
        Assert.Matches(@"accepted +12\.3 +1\.0 +1,234,567 messages\n", all);
        Assert.Contains("half within 12.3 ms, 95 of 100 within 2 s, 99 within 1 min 30 s", all, StringComparison.Ordinal);
        Assert.Contains("100,000 waiting, 20 ready, 3 attempted now, 100,023 stored, 1 next hop down", all, StringComparison.Ordinal);
        Assert.Contains("oldest 2 d 3 h, 0197a8c3f1e27d4c8b5a6f0e9d3c2b1a", all, StringComparison.Ordinal);
        Assert.Contains("and 7 more", all, StringComparison.Ordinal);
        Assert.DoesNotContain(all, static letter => letter != '\n' && (char.IsControl(letter) || letter == '\u202e'));
        Assert.Contains(@"ev\u{202E}il\u{1B}[2J.example", all, StringComparison.Ordinal);
        Assert.Contains(@"down: 451 4.0.0 \u{1B}]0;x\u{7}", all, StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_are_the_only_difference_that_colours_make()
    {
        string plain = string.Join('\n', Draw(colours: false)), coloured = string.Join('\n', Draw(colours: true));
        Assert.NotEqual(plain, coloured);
        Assert.Equal(plain, System.Text.RegularExpressions.Regex.Replace(coloured, "\u001b\\[[0-9]+m", ""));
    }

    [Theory]
    [InlineData(20, 8)]
    [InlineData(1, 1)]
    [InlineData(80, 24)]
    public void Nothing_is_wider_or_higher_than_the_terminal(int width, int height)
    {
        IReadOnlyList<string> lines = Draw(colours: false, width, height);
        Assert.InRange(lines.Count, 1, height);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
    }

    [Theory]
    [InlineData("\"paused\":false", "\"paused\":true", "deliveries are paused")]
    [InlineData("\"acceptsNew\":true", "\"acceptsNew\":false,\"storageProblem\":\"the disk is full\"", "takes no new mail: the disk is full")]
    [InlineData("\"holds\":false", "\"holds\":true", "stores only")]
    public void What_is_not_as_usual_is_said(string usual, string now, string said) =>
        Assert.Contains(said, TopScreen.Draw(Live(Queue.Replace(usual, now, StringComparison.Ordinal)), "http://127.0.0.1:2580", colours: false, 0, 0)[0], StringComparison.Ordinal);

    [Fact]
    public void Without_a_queue_there_are_rates()
    {
        JsonElement live = JsonElement.Parse($$$"""{"at":"2026-11-27T12:00:00Z","figures":{{{Figures}}}}""");
        IReadOnlyList<string> lines = TopScreen.Draw(live, "http://127.0.0.1:2580", colours: false, 0, 0);
        Assert.Contains("relays while clients wait", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, static line => line.StartsWith("queue", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.000_05, "50 us")]
    [InlineData(0.5, "500 ms")]
    [InlineData(59.94, "59.9 s")]
    [InlineData(3600, "1 h 0 min")]
    [InlineData(200_000, "2 d 7 h")]
    public void Duration_is_told_in_its_largest_units(double seconds, string text) => Assert.Equal(text, TopScreen.Duration(seconds));

    private static IReadOnlyList<string> Draw(bool colours, int width = 0, int height = 0) => TopScreen.Draw(Live(Queue), "http://127.0.0.1:2580", colours, width, height);

    private static JsonElement Live(string queue) => JsonElement.Parse(
        $$$"""{"at":"2026-11-27T12:00:00Z","figures":{{{Figures}}},"queue":{{{queue}}},"hops":{{{Hops}}},"oldest":{"id":"0197a8c3f1e27d4c8b5a6f0e9d3c2b1a","seconds":183700}}""");
}
