using System.Xml.Linq;

namespace SlimtaFast.Architecture.Tests;

/// <summary>What each room says of itself as a package.</summary>
public sealed class PackageTests
{
    public static TheoryData<string> Rooms => [.. SourceTree.Rooms];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Package_has_a_description_of_its_own_tags_and_a_readme(string room)
    {
        XDocument project = XDocument.Parse(SourceTree.Read($"src/{room}/SlimtaFast.{room}.csproj"));
        string description = Assert.Single(project.Descendants("Description")).Value;
        Assert.StartsWith("$(PackageTags);", Assert.Single(project.Descendants("PackageTags")).Value, StringComparison.Ordinal);
        string readme = SourceTree.Read($"src/{room}/README.md");
        Assert.StartsWith($"# SlimtaFast.{room}\n", readme, StringComparison.Ordinal);
        Assert.Contains(description, readme, StringComparison.Ordinal);
        Assert.Contains($"`SlimtaFast.{room}`", SourceTree.Read("docs/packages.md"), StringComparison.Ordinal);
    }
}
