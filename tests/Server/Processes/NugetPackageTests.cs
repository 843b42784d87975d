using System.IO.Compression;
using System.Net;
using System.Xml.Linq;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Server.Tests.Processes;

/// <summary>The packages as somebody else has them: packed into a folder, and a small program built of nothing else.</summary>
public sealed class NugetPackageTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    // What an embedded server with a disk storage takes.
    private static readonly string[] Rooms = ["Mail", "Protocol", "Dns", "Lookup", "MailAuth", "Storage", "Relay", "Queue", "Edge"];

    [LongFact]
    public async Task Program_of_packages_alone_is_built_and_delivers_a_message()
    {
        using var folder = new TemporaryFolder();
        // A version of its own, so that nothing of an earlier run is taken for it.
        string version = $"0.0.1-test{Environment.ProcessId}";
        string packages = folder["packages"];
        foreach (string room in Rooms)
            await DotnetAsync("pack", RepositoryTree.Find($"src/{room}/SlimtaFast.{room}.csproj"), "-c", "Release", "-o", packages, $"-p:Version={version}", "-v", "q", "--nologo");
        foreach (string room in Rooms)
            AssertComplete(packages, $"SlimtaFast.{room}", version);

        Directory.CreateDirectory(folder["program"]);
        File.Copy(RepositoryTree.Find("samples/Embed/Program.cs"), folder["program/Program.cs"]);
        // Packages of others are there already; ours go where they go with the folder.
        await File.WriteAllTextAsync(folder["program/Program.csproj"], $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestoreAdditionalProjectSources>{packages}</RestoreAdditionalProjectSources>
                <RestoreFallbackFolders>{GlobalPackages()}</RestoreFallbackFolders>
                <RestorePackagesPath>{folder["restored"]}</RestorePackagesPath>
                <NoWarn>NU1603</NoWarn>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="SlimtaFast.Edge" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
        await DotnetAsync("build", folder["program/Program.csproj"], "-c", "Release", "-o", folder["built"], "-v", "q", "--nologo");

        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        await using RunningProgram program = RunningProgram.Start(folder["built/Program"], [hop.Address.ToString(), hop.Port.ToString(null as IFormatProvider)], folder.Path);
        string line = await program.WaitForLineAsync(static l => l.StartsWith("listening on ", StringComparison.Ordinal), Limit);
        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["send", "--server", $"smtp://{line["listening on ".Length..]}", "--from", "a@client.test", "--to", "b@hop.test"], input: "Subject: x\n\nby packages\n");
        Assert.True(code == 0, output);
        await sink.WaitForLineAsync(static l => l == "by packages", Limit);
        program.CloseInput();
        Assert.Equal(0, await program.WaitForExitAsync(Limit));
    }

    private static void AssertComplete(string folder, string name, string version)
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(folder, $"{name}.{version}.nupkg"));
        foreach (string file in new[] { "README.md", $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml", $"{name}.nuspec" })
            Assert.NotNull(package.GetEntry(file));
        XDocument specification = XDocument.Load(package.GetEntry($"{name}.nuspec")!.Open());
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.True(Value("description").Length > 20);
        Assert.Contains("smtp", Value("tags"), StringComparison.Ordinal);
        using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(folder, $"{name}.{version}.snupkg"));
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{name}.pdb"));

        string Value(string element) => specification.Descendants().Single(node => node.Name.LocalName == element).Value;
    }

    private static string GlobalPackages() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static async Task DotnetAsync(params string[] arguments)
    {
        (int code, string output) = await RunningProgram.RunAsync("dotnet", arguments, limit: Limit);
        Assert.True(code == 0, output);
    }
}
