using FsCheck.Xunit;
using SlimtaFast.Lookup.Tables;

namespace SlimtaFast.Lookup.Tests.Tables;

public sealed class LookupTableTests
{
    private static readonly string[] Lines =
    [
        "# who may receive",
        "",
        "a@example.org   ok",
        "example.net\t550 5.1.1 Moved away ",
        "bare",
        "/^list-[0-9]+@example[.]org$/ ok list",
        "/a/b@x/ slash",
    ];

    [Theory]
    [InlineData("a@example.org", "ok")]
    [InlineData("A@Example.ORG", "ok")]
    [InlineData("example.net", "550 5.1.1 Moved away")]
    [InlineData("bare", "")]
    [InlineData("list-12@example.org", "ok list")]
    [InlineData("LIST-12@EXAMPLE.ORG", "ok list")]
    [InlineData("xlist-12@example.org", null)]
    [InlineData("za/b@xy", "slash")]
    [InlineData("nobody@example.org", null)]
    public void Key_has_its_value(string key, string? value) => Assert.Equal(value, LookupTable.Read(Lines, "test").Find(key));

    [Fact]
    public void Pattern_is_for_addresses_only() => Assert.Null(LookupTable.Read(["/.*/ all"], "test").Find("example.org"));

    [Theory]
    [InlineData("/[/ x")]
    [InlineData("/(?<=a)b@/ x")]
    [InlineData("//")]
    [InlineData("/never ended")]
    [InlineData("/")]
    public void Mistake_is_told_with_its_line(string line)
    {
        var wrong = Assert.Throws<FormatException>(() => LookupTable.Read(["# first", line], "file"));
        Assert.StartsWith("file, line 2: ", wrong.Message, StringComparison.Ordinal);
    }

    [Property]
    public void No_file_fails_otherwise(string[] lines)
    {
        try
        {
            LookupTable.Read(lines.Select(line => line ?? ""), "x").Find("a@b");
        }
        catch (FormatException)
        {
            // The one thing that a file may be told.
        }
    }
}
