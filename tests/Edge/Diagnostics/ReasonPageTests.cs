using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Tests.Diagnostics;

/// <summary>docs/limits.md names every reason, and no other.</summary>
public sealed class ReasonPageTests
{
    private static readonly string[] Page = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "limits.md"));

    [Fact]
    public void Every_reason_for_a_refusal_is_explained() => Assert.Equal(Enum.GetNames<RefusalReason>(), RowsOf("RefusalReason"));

    [Fact]
    public void Every_reason_for_an_end_is_explained() => Assert.Equal(Enum.GetNames<SessionEndReason>(), RowsOf("SessionEndReason"));

    [Fact]
    public void Tags_are_in_snake_case()
    {
        Assert.Equal("too_many_connections_from_client", ReasonNames<RefusalReason>.Get(RefusalReason.TooManyConnectionsFromClient));
        Assert.Equal("quit", ReasonNames<SessionEndReason>.Get(SessionEndReason.Quit));
        Assert.Equal("greylisted", ReasonNames<RefusalReason>.Get(Enum.GetValues<RefusalReason>()[^1]));
    }

    private static IEnumerable<string> RowsOf(string table) =>
        Page.SkipWhile(line => !line.StartsWith($"| `{table}` |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);
}
