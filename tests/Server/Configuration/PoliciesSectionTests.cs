using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Lookup;
using SlimtaFast.Queue;
using SlimtaFast.Server.Configuration;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Configuration;

public sealed class PoliciesSectionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Without_the_section_the_standard_policies_apply()
    {
        Assert.Null(Read([], out IReadOnlyList<string> errors).Policies);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("Policies:0:Type", "AddNothing")]
    [InlineData("Policies:0:Type", "RecipientSplit")]
    [InlineData("Policies", "AddDate")]
    public void Type_that_is_none_is_refused(string key, string value) => AssertRefused(key, (key, value));

    [Theory]
    [InlineData("AddDate", "Name", "X")]
    [InlineData("AddHeader", "Name", "X Y")]
    [InlineData("AddHeader", "Name", "")]
    [InlineData("RemoveHeaders", "Names", "X:")]
    [InlineData("RemoveHeaders", "Names", "")]
    [InlineData("RewriteHeaders", "Pattern", "")]
    [InlineData("Forward", "Rules", "")]
    [InlineData("Aliases", "Source", "")]
    [InlineData("Aliases", "Source", "/nonexistent/aliases")]
    [InlineData("Lookup", "Source", "sqlite:/nonexistent/mail.db?query=SELECT @key")]
    [InlineData("SpamAssassin", "Address", "127.0.0.1:0x")]
    [InlineData("SpamAssassin", "User", "a b")]
    [InlineData("SpamAssassin", "Timeout", "soon")]
    [InlineData("SpamAssassin", "MaxSize", "0")]
    [InlineData("SpamAssassin", "MaxScans", "0")]
    [InlineData("SpamAssassin", "RefuseScore", "high")]
    [InlineData("SpamAssassin", "RefuseScore", "NaN")]
    [InlineData("SpamAssassin", "RefuseScore", "-Infinity")]
    [InlineData("SpamAssassin", "Unavailable", "perhaps")]
    public void Mistake_is_told_with_its_key(string type, string key, string value) =>
        AssertRefused($"Policies:0:{key}", ("Policies:0:Type", type), ($"Policies:0:{key}", value));

    [Theory]
    [InlineData("AddHeader", "Value", "{colour}", "Name", "X")]
    [InlineData("RewriteHeaders", "Pattern", "(", "Names", "Subject")]
    [InlineData("RewriteHeaders", "Names", "X Y", "Pattern", "x")]
    public void Mistake_beside_another_key_is_told_with_its_own(string type, string key, string value, string other, string otherValue) =>
        AssertRefused($"Policies:0:{key}", ("Policies:0:Type", type), ($"Policies:0:{key}", value), ($"Policies:0:{other}", otherValue));

    [Theory]
    [InlineData("SplitByRecipient")]
    [InlineData("SplitByDomain")]
    public void What_edits_or_forwards_stands_before_a_split(string split) =>
        AssertRefused("Policies:1:Type", ("Policies:0:Type", split), ("Policies:1:Type", "SpamAssassin"));

    [Fact]
    public void Bad_rule_is_told_with_its_number() => AssertRefused(
        "Policies:0:Rules:1:Pattern",
        ("Policies:0:Type", "Forward"), ("Policies:0:Rules:0:Pattern", "a"), ("Policies:0:Rules:1:Pattern", "(?=a)"));

    [Fact]
    public void Section_in_two_sources_is_refused()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("Policies:0:Type", (string?)"AddDate")])
            .AddInMemoryCollection([KeyValuePair.Create("Policies:1:Type", (string?)"AddDate")])
            .Build();
        ServeSettings.Read(configuration, out IReadOnlyList<string> errors);
        Assert.StartsWith("Policies: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite:mail.db", "needs ?query=")]
    [InlineData("sqlite:mail.db?query=SELECT target FROM missing WHERE address = @key", "no such table")]
    [InlineData("sqlite:mail.db?query=SELECT 1", "names none of")]
    [InlineData("sqlite:mail.db?colour=red", "no parameter 'colour'")]
    [InlineData("sqlite:mail.db?query=SELECT @key&timeout=soon", "not a time")]
    public void Query_is_tried_before_the_start(string address, string mistake)
    {
        MakeDatabase();
        Read([("Checks:Recipients", address.Replace("mail.db", _folder["mail.db"], StringComparison.Ordinal))], out IReadOnlyList<string> errors);
        Assert.Contains(mistake, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Users_may_be_in_a_database()
    {
        MakeDatabase();
        ServeSettings settings = Read([("Auth:Users", $"sqlite:{_folder["mail.db"]}?query=SELECT hash FROM users WHERE name = @key")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.True(settings.Auth.IsEnabled);
        Assert.Null(settings.Auth.UsersFile);
        Assert.IsType<SqliteLookupAddress>(settings.Auth.UsersLookup);
    }

    [Fact]
    public void Example_with_every_policy_is_good_and_names_every_key_there_is()
    {
        File.WriteAllText(_folder["aliases"], "a@x.example b@x.example\n");
        MakeDatabase();
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policies.json"))
            .Replace("/etc/slimtafast/aliases", _folder["aliases"], StringComparison.Ordinal)
            .Replace("/var/lib/slimtafast/mail.db", _folder["mail.db"], StringComparison.Ordinal);
        File.WriteAllText(_folder["policies.json"], text);
        IConfigurationRoot configuration = new ConfigurationBuilder().AddJsonFile(_folder["policies.json"]).Build();
        ServeSettings settings = ServeSettings.Read(configuration, out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(PoliciesSection.TypeNames.Order(), settings.Policies!.Select(policy => policy.Type).Distinct().Order());

        var reader = new SettingsReader(configuration);
        PoliciesSection.Read(reader);
        string[] given = [.. configuration.AsEnumerable().Select(pair => pair.Key)];
        Assert.All(reader.KnownKeys, key => Assert.Contains(key, given, StringComparer.OrdinalIgnoreCase));
        var sources = new PolicySources("mx.example.org", _ => new TableLookup([]), TimeProvider.System, NullLoggerFactory.Instance);
        IQueuePolicy[] made = [.. settings.Policies!.Select(policy => policy.Make(sources))];
        Assert.Equal(settings.Policies!.Count, made.Length);
    }

    public void Dispose() => _folder.Dispose();

    private void MakeDatabase()
    {
        using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder["mail.db"]};Pooling=False");
        database.Open();
        using Microsoft.Data.Sqlite.SqliteCommand command = database.CreateCommand();
        command.CommandText = "CREATE TABLE aliases (address TEXT, target TEXT); CREATE TABLE users (name TEXT, hash TEXT)";
        command.ExecuteNonQuery();
    }

    private static void AssertRefused(string key, params (string, string)[] values)
    {
        Read(values, out IReadOnlyList<string> errors);
        Assert.StartsWith($"{key}: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    private static ServeSettings Read(IEnumerable<(string Key, string Value)> values, out IReadOnlyList<string> errors) =>
        ServeSettings.Read(
            new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build(),
            out errors);
}
