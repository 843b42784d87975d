using System.Text.RegularExpressions;

namespace SlimtaFast.Architecture.Tests;

/// <summary>The table "Where is it?" of README and ARCHITECTURE is true: whoever moves a file mends it.</summary>
public sealed partial class WhereIsItTests
{
    private static readonly string[] Questions =
    [
        "where is a command parsed?",
        "which verb is allowed when?",
        "where is DATA decoded, and smuggling stopped?",
        "where is a message made durable?",
        "when is 250 sent?",
        "where is the retry decided?",
        "permanent or transient?",
        "what bytes are on disk?",
    ];

    public static TheoryData<string> Pages => ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Path_in_backticks_exists(string page) =>
        Assert.All(PathsIn(SourceTree.Read(page)), path => Assert.True(SourceTree.Has(path), $"{page} names {path}."));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Link_inside_the_tree_leads_somewhere(string page) =>
        Assert.All(Link().Matches(SourceTree.Read(page)).Select(static match => match.Groups["path"].Value), path => Assert.True(SourceTree.Has(path), $"{page} links to {path}."));

    [Theory]
    [InlineData("README.md")]
    [InlineData("ARCHITECTURE.md")]
    public void Page_answers_the_newcomers_questions_with_a_place_in_the_tree(string page)
    {
        string[] rows = [.. SourceTree.Read(page).Split('\n').Where(static line => line.StartsWith('|'))];
        foreach (string question in Questions)
        {
            string? row = Array.Find(rows, line => line.StartsWith($"| {question} |", StringComparison.Ordinal));
            Assert.True(row is not null && PathsIn(row).Any(), $"{page} does not answer: {question}");
        }
    }

    private static IEnumerable<string> PathsIn(string text) => PathInBackticks().Matches(text).Select(static match => match.Groups["path"].Value);

    [GeneratedRegex("`(?<path>(src|tests|bench|fuzz|docs)/[A-Za-z0-9_./-]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex PathInBackticks();

    [GeneratedRegex(@"\]\((?<path>[A-Za-z0-9_./-]+)(#[^)]*)?\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
