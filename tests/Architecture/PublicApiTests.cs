using System.Reflection;
using PublicApiGenerator;

namespace SlimtaFast.Architecture.Tests;

/// <summary>
/// What a package offers is what api/ says, which is reviewed like code. A change is accepted by writing it there: run these tests with the variable
/// SLIMTAFAST_ACCEPT_API=1, look at the difference, and tell of what breaks in CHANGELOG.md.
/// </summary>
public sealed class PublicApiTests
{
    private const string AcceptVariable = "SLIMTAFAST_ACCEPT_API";

    // The compiler's own number of an iterator is nothing that is offered, and changes with the members above it.
    private static readonly ApiGeneratorOptions Options = new()
    {
        IncludeAssemblyAttributes = false,
        DenyNamespacePrefixes = [],
        ExcludeAttributes = ["System.Runtime.CompilerServices.AsyncIteratorStateMachineAttribute"],
    };

    // The executable offers a command line, and no types.
    public static TheoryData<string> Packages => [.. SourceTree.Rooms.Where(static room => room != "Server")];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Public_api_is_the_reviewed_one(string room)
    {
        string name = $"SlimtaFast.{room}";
        string file = Path.Combine(SourceTree.Root, "api", name + ".txt");
        string offered = Assembly.Load(name).GeneratePublicApi(Options).ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
            File.WriteAllText(file, offered);
        string reviewed = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(
            reviewed == offered,
            $"api/{name}.txt is not what the package offers. Accept it by {AcceptVariable}=1 dotnet test tests/Architecture --filter PublicApiTests, and review the difference:\n{Difference(reviewed, offered)}");
    }

    [Fact]
    public void Every_reviewed_api_is_that_of_a_package()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "api"), "*.txt").Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];
        Assert.Equal(SourceTree.Rooms.Where(static room => room != "Server").Select(static room => $"SlimtaFast.{room}").Order(StringComparer.Ordinal), files);
    }

    private static string Difference(string reviewed, string offered)
    {
        string[] old = reviewed.Split('\n'), now = offered.Split('\n');
        return string.Join('\n', old.Except(now).Select(static line => "- " + line.Trim()).Concat(now.Except(old).Select(static line => "+ " + line.Trim())));
    }
}
