using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Reloading;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Configuration;

/// <summary>What holds for every key there is.</summary>
public sealed partial class KeyTests
{
    [Fact]
    public void Documentation_says_of_every_key_whether_it_counts_while_the_server_runs()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "configuration.md"));
        Dictionary<string, string> documented = page.Split('\n')
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .ToDictionary(static line => line.Split('`')[1], static line => CellBorder().Split(line)[^3].Trim());
        Assert.All(Keys(), key => Assert.Equal(ReloadScope.NeedsRestart(key) ? "restart" : "running", documented[key]));
    }

    [Fact]
    public void Every_secret_can_stand_in_a_file()
    {
        IReadOnlyCollection<string> keys = Keys();
        string[] secrets = [.. keys.Where(static key => SecretName().IsMatch(key))];
        Assert.Equal(["Auth:Introspection:ClientSecret", "Aws:SecretKey", "Broker:Password", "Delivery:Password", "OpenStack:Secret", "Redis:Password"], secrets.Order(StringComparer.Ordinal));
        Assert.All(secrets, key => Assert.Contains(key + "File", keys));
    }

    [Theory]
    [InlineData("Auth:Introspection:ClientSecret", "Auth:Introspection:Url=https://login.test/", "Auth:Introspection:ClientId=me")]
    [InlineData("Aws:SecretKey", "Aws:AccessKey=me")]
    [InlineData("Broker:Password", "Queue:Address=amqp://broker.test", "Broker:UserName=me")]
    [InlineData("Delivery:Password", "Relay=smtps://hop.test", "Delivery:UserName=me")]
    [InlineData("OpenStack:Secret", "OpenStack:UserName=me")]
    [InlineData("Redis:Password", "Redis:UserName=me")]
    public async Task Secret_is_read_from_key_environment_and_file_alike(string key, params string[] others)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["secret"], "s3cret\n");
        string variable = $"SLIMTAFAST__{key.Replace(":", "__", StringComparison.Ordinal)}";
        Assert.Equal("s3cret", await SecretOfAsync(key, Read([.. others, $"{key}=s3cret"])));
        Assert.Equal("s3cret", await SecretOfAsync(key, Read([.. others, $"{key}File={folder["secret"]}"])));
        Environment.SetEnvironmentVariable(variable, "s3cret");
        try
        {
            Assert.Equal("s3cret", await SecretOfAsync(key, Read(others)));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        ReadAll([.. others, $"{key}File={folder["missing"]}"], out IReadOnlyList<string> mistakes);
        Assert.Contains(mistakes, mistake => mistake.StartsWith(key + "File: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Check_finds_the_mistakes_of_all_sections_at_once()
    {
        string[] wrong =
        [
            "Listen=nowhere", "Storage=floppy:", "Relay=pigeon:", "Retry=soon", "MaxAge=long", "MaxMessageSize=big", "Trust=all", "Session:MaxErrors=0", "Auth:MaxFailures=x",
            "Auth:Users=/nowhere/at/all", "Tls:Certificate=/nowhere.pem", "Tls:MinimumVersion=0.9", "Http:MinDataRate=x", "Clients:IPv4Prefix=99", "Load:MaxQueued=-1", "Checks:Hello=perhaps",
            "Checks:DnsLists=*", "Spf:Check=perhaps", "Queue:DelayNotice=x", "Queue:Address=somewhere", "Broker:InlineLimit=x", "Delivery:Tls=perhaps", "Delivery:MxPort=0", "Dns:Servers=x",
            "Pipe:LineEnds=cr", "Admin:Listen=everywhere", "Telemetry:Interval=x", "Events:Files=x", "Policies:0:Type=Burn", "Routes:0:Relay=smtp://a.test", "Redis:PasswordFile=/nowhere",
            "Aws:SecretKeyFile=/nowhere", "OpenStack:SecretFile=/nowhere", "Logging:LogLevel:Default=Loud", "Nonsense=1",
        ];
        ReadAll(wrong, out IReadOnlyList<string> mistakes);
        Assert.All(wrong.Select(static text => text.Split('=')[0]), key => Assert.Contains(
            mistakes, mistake => mistake.StartsWith(key == "Routes:0:Relay" ? "Routes:0:Domains: " : key + ": ", StringComparison.OrdinalIgnoreCase)));
    }

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex CellBorder();

    [GeneratedRegex(@"(Password|Secret|SecretKey)\z")]
    private static partial Regex SecretName();

    private static IReadOnlyCollection<string> Keys()
    {
        var reader = new SettingsReader(new ConfigurationBuilder().Build());
        ServeSettings.Read(reader);
        return reader.KnownKeys;
    }

    private static async Task<string?> SecretOfAsync(string key, ServeSettings settings) => key switch
    {
        "Auth:Introspection:ClientSecret" => settings.Auth.Introspection!.ClientSecret,
        "Aws:SecretKey" => settings.CloudSecrets.SecretKey,
        "Broker:Password" => settings.Broker.Options.Password,
        "Delivery:Password" => await settings.Delivery.Client.Credentials!.GetSecretAsync(CancellationToken.None),
        "OpenStack:Secret" => settings.CloudSecrets.Secret,
        _ => settings.LookupSecrets.RedisPassword,
    };

    private static ServeSettings Read(IEnumerable<string> given)
    {
        ServeSettings settings = ReadAll(given, out IReadOnlyList<string> mistakes);
        Assert.Empty(mistakes);
        return settings;
    }

    private static ServeSettings ReadAll(IEnumerable<string> given, out IReadOnlyList<string> mistakes) => ServeSettings.Read(
        new ConfigurationBuilder()
            .AddEnvironmentVariables(ConfigurationSources.EnvironmentPrefix)
            .AddInMemoryCollection(given.Select(static text => KeyValuePair.Create(text[..text.IndexOf('=', StringComparison.Ordinal)], (string?)text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..])))
            .Build(),
        out mistakes);
}
