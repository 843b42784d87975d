using System.Reflection;
using System.Xml.Linq;

namespace SlimtaFast.Architecture.Tests;

/// <summary>Dependencies point one way: the table is that of ARCHITECTURE.md, "The rooms".</summary>
public sealed class DependencyTests
{
    private const string Logging = "Microsoft.Extensions.Logging.Abstractions";
    private const string Pooling = "Microsoft.Extensions.ObjectPool";

    // The framework's web server: no package, and nobody's but the HTTP edge's and the admin listener's.
    private const string AspNet = "Microsoft.AspNetCore*";

    // Room: the rooms it may reference, and the packages.
    private static readonly Dictionary<string, (string[] Rooms, string[] Packages)> Allowed = new()
    {
        ["Mail"] = ([], []),
        ["Dns"] = ([], ["DnsClient"]),
        ["Lookup"] = ([], []),
        ["Lookup.Redis"] = (["Lookup"], ["StackExchange.Redis"]),
        ["Lookup.Sql"] = (["Lookup"], []),
        ["MailAuth"] = (["Mail", "Dns"], []),
        ["Protocol"] = (["Mail"], [Pooling]),
        ["Storage"] = (["Mail"], [Logging]),
        ["Storage.Redis"] = (["Mail", "Storage"], ["StackExchange.Redis", Logging]),
        ["Storage.Cloud"] = (["Mail", "Storage"], [Logging]),
        ["Storage.Aws"] = (["Storage", "Storage.Cloud"], ["AWSSDK.Core", "AWSSDK.S3", "AWSSDK.SQS", Logging]),
        ["Storage.OpenStack"] = (["Storage", "Storage.Cloud"], []),
        ["Relay"] = (["Mail", "Protocol", "Dns"], ["MimeKit", Logging]),
        ["Queue"] = (["Mail", "Lookup", "Storage", "Relay"], ["MimeKit", Logging]),
        ["Queue.RabbitMq"] = (["Mail", "Storage"], ["RabbitMQ.Client", Logging]),
        ["Edge"] = (
            ["Mail", "Protocol", "Dns", "Lookup", "MailAuth", "Storage", "Relay", "Queue"],
            [Logging, Pooling, "Microsoft.IdentityModel.JsonWebTokens", "Microsoft.IdentityModel.Tokens"]),
        ["Edge.Http"] = (["Mail", "Protocol", "Edge"], [AspNet]),
        ["Events"] = (["Mail"], [Logging]),
        ["Admin"] = ([], [AspNet, "OpenTelemetry", "OpenTelemetry.Api", "OpenTelemetry.Exporter.OpenTelemetryProtocol", "OpenTelemetry.Exporter.Prometheus.AspNetCore"]),
        ["Server"] = (["Mail", "Protocol", "Dns", "Lookup", "Lookup.Redis", "Lookup.Sql", "MailAuth", "Storage", "Storage.Redis", "Storage.Cloud", "Storage.Aws", "Storage.OpenStack", "Relay", "Queue", "Queue.RabbitMq", "Edge", "Edge.Http", "Events", "Admin"], ["Microsoft.Data.Sqlite", "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Hosting.Systemd", "System.CommandLine"]),
    };

    // What the packages above bring along and the compiler may name.
    private static readonly string[] Frameworks = ["System.", "Microsoft.Extensions.", "Microsoft.Win32."];

    public static TheoryData<string> Rooms => [.. SourceTree.Rooms];

    [Fact]
    public void Every_room_is_in_the_table() => Assert.Equal(Allowed.Keys.Order(), SourceTree.Rooms);

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Project_references_only_what_the_table_allows(string room)
    {
        XDocument project = XDocument.Parse(SourceTree.Read($"src/{room}/SlimtaFast.{room}.csproj"));
        string[] rooms = Includes(project, "ProjectReference").Select(static path => Path.GetFileNameWithoutExtension(path)["SlimtaFast.".Length..]).ToArray();
        Assert.Subset(Allowed[room].Rooms.ToHashSet(), rooms.ToHashSet());
        Assert.Subset(Allowed[room].Packages.ToHashSet(), Includes(project, "PackageReference").ToHashSet());
        Assert.Equal(Allowed[room].Packages.Contains(AspNet) ? ["Microsoft.AspNetCore.App"] : [], Includes(project, "FrameworkReference"));
        Assert.All(Includes(project, "ProjectReference"), static path => Assert.Matches(@"^\.\./[A-Za-z.]+/SlimtaFast\.[A-Za-z.]+\.csproj$", path));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Assembly_uses_only_what_the_table_allows(string room)
    {
        (string[] rooms, string[] packages) = Allowed[room];
        foreach (string name in Load(room).GetReferencedAssemblies().Select(static reference => reference.Name!))
        {
            bool allowed = name.StartsWith("SlimtaFast.", StringComparison.Ordinal)
                ? rooms.Contains(name["SlimtaFast.".Length..])
                : packages.Contains(name)
                    || (packages.Contains(AspNet) && (name.StartsWith(AspNet[..^1], StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) || name == "Microsoft.Net.Http.Headers"))
                    || (room == "Server" ? Frameworks.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) : name.StartsWith("System.", StringComparison.Ordinal) || name == "Microsoft.Win32.Primitives");
            Assert.True(allowed, $"{room} uses {name}.");
        }
    }

    [Fact]
    public void Storage_and_Relay_do_not_know_each_other()
    {
        Assert.DoesNotContain(Load("Storage").GetReferencedAssemblies(), static reference => reference.Name == "SlimtaFast.Relay");
        Assert.DoesNotContain(Load("Relay").GetReferencedAssemblies(), static reference => reference.Name == "SlimtaFast.Storage");
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Public_types_stand_at_the_root_of_their_room(string room)
    {
        // The transport is one folder of Protocol that edge and relay both build on, so its few types are public where they are.
        string[] roots = room == "Protocol" ? ["SlimtaFast.Protocol", "SlimtaFast.Protocol.Transport", "SlimtaFast.Protocol.Transport.Tls"] : [$"SlimtaFast.{room}"];
        Assert.All(Load(room).GetExportedTypes().Where(static type => type.Namespace is not null), type => Assert.Contains(type.Namespace, roots));
    }

    private static Assembly Load(string room) => Assembly.Load(room == "Server" ? "slimtafast" : $"SlimtaFast.{room}");

    private static IEnumerable<string> Includes(XDocument project, string element) =>
        project.Descendants(element).Select(static reference => reference.Attribute("Include")!.Value.Replace('\\', '/'));
}
