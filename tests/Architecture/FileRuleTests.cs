using System.Text.RegularExpressions;

namespace SlimtaFast.Architecture.Tests;

/// <summary>How files of the engine look (CONTRIBUTING.md): small, one type each, named after it, and finished.</summary>
public sealed partial class FileRuleTests
{
    private const int MostLines = 450;

    private static readonly string[] BannedWords = ["Util", "Utils", "Utility", "Helper", "Helpers", "Manager", "Common", "Base", "Impl", "Misc"];

    private static readonly string[] Unfinished = ["TODO", "FIXME", "XXX:", "NotImplementedException", "Thread.Sleep"];

    [Fact]
    public void File_has_one_type_named_after_it()
    {
        foreach (string path in Engine())
        {
            string name = Path.GetFileNameWithoutExtension(path);
            string[] types = [.. TopLevelType().Matches(SourceTree.Read(path)).Select(static match => match.Groups["name"].Value)];
            if (name == "Program" && types.Length == 0)
                continue;
            // Parts of a type are named Type.Part.cs.
            Assert.True(types.Length == 1 && types[0] == name.Split('.')[0], $"{path} has the types [{string.Join(", ", types)}].");
        }
    }

    [Fact]
    public void Namespace_follows_the_folder()
    {
        foreach (string path in Engine().Where(static path => path.StartsWith("src/", StringComparison.Ordinal)))
        {
            Match match = FileNamespace().Match(SourceTree.Read(path));
            string[] folders = path.Split('/')[1..^1];
            if (match.Success || Path.GetFileName(path) != "Program.cs")
                Assert.True(match.Groups["name"].Value == $"SlimtaFast.{string.Join('.', folders)}", $"{path} has the namespace '{match.Groups["name"].Value}'.");
        }
    }

    [Fact]
    public void Name_is_a_noun_of_the_field()
    {
        foreach (string path in Engine())
        {
            string[] words = [.. path.Split('/').SelectMany(static part => Word().Matches(Path.GetFileNameWithoutExtension(part)).Select(static match => match.Value))];
            Assert.True(!words.Intersect(BannedWords).Any(), $"{path} has a name that says nothing.");
        }
    }

    [Fact]
    public void File_is_short()
    {
        foreach (string path in Engine())
        {
            int lines = SourceTree.Read(path).Count(static c => c == '\n');
            Assert.True(lines <= MostLines, $"{path} has {lines} lines; {MostLines} are allowed.");
        }
    }

    [Fact]
    public void File_is_finished()
    {
        foreach (string path in Engine().Concat(SourceTree.CSharp("tests")).Concat(SourceTree.CSharp("bench")))
        {
            // This file names the words, and the load generator's pacing is the one place that may sleep.
            if (Path.GetFileName(path) is "FileRuleTests.cs" or "FineSleep.cs")
                continue;
            string text = SourceTree.Read(path);
            Assert.True(!Unfinished.Any(word => text.Contains(word, StringComparison.Ordinal)), $"{path} is not finished, or sleeps.");
        }
    }

    [Fact]
    public void No_test_is_skipped()
    {
        foreach (string path in SourceTree.CSharp("tests"))
            Assert.False(SkippedTest().IsMatch(SourceTree.Read(path)), $"{path} skips a test without asking whether it can run.");
    }

    private static IEnumerable<string> Engine() => SourceTree.CSharp("src").Concat(SourceTree.CSharp("fuzz"));

    [GeneratedRegex(@"^(?:(?:public|internal|file|static|sealed|abstract|readonly|partial|ref|unsafe) )*(?:class|struct|enum|interface|record(?: struct| class)?|delegate [^ ]+) (?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex FileNamespace();

    [GeneratedRegex("[A-Z][a-z0-9]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\[(Fact|Theory|Property)\([^\]]*Skip\s*=", RegexOptions.ExplicitCapture)]
    private static partial Regex SkippedTest();
}
