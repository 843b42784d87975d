using System.Text;
using Microsoft.Extensions.Configuration;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Reloading;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Reloading;

/// <summary>What a reload finds changed, and what it goes by then.</summary>
public sealed class ConfigurationChangeTests
{
    [Fact]
    public void Changed_keys_are_named_once_each()
    {
        IConfigurationRoot before = Load("""{ "HostName": "a", "Trust": ["10.0.0.0/8"], "Queue": { "MaxAttempts": 5 }, "Retry": "1m", "Policies": [{ "Type": "AddDate" }] }""");
        IConfigurationRoot after = Load("""{ "HostName": "a", "Trust": ["10.0.0.0/8", "192.0.2.0/24"], "Queue": { "MaxAttempts": 6 }, "MaxAge": "1d", "Policies": [{ "Type": "AddReceived" }] }""");
        Assert.Equal(["MaxAge", "Policies", "Queue:MaxAttempts", "Retry", "Trust"], ConfigurationChange.Find(before, after));
        Assert.Empty(ConfigurationChange.Find(before, before));
        Assert.Empty(ConfigurationChange.Find(before, Load("""{ "hostname": "a", "Trust": ["10.0.0.0/8"], "Queue": { "MaxAttempts": 5 }, "Retry": "1m", "MaxAge": "", "Policies": [{ "Type": "AddDate" }] }""")));
    }

    [Fact]
    public void Mixture_keeps_what_needs_a_restart_and_takes_the_rest()
    {
        IConfigurationRoot before = Load("""{ "HostName": "old.test", "MaxMessageSize": 1000, "Trust": ["10.0.0.0/8"] }""", ("Threads", "2"));
        IConfigurationRoot after = Load("""{ "HostName": "new.test", "MaxMessageSize": 2000, "Listen": ["0.0.0.0:25"] }""", ("Threads", "3"));
        ServeSettings mixed = ServeSettings.Read(ConfigurationChange.Mix(before, after, ReloadScope.NeedsRestart), out IReadOnlyList<string> mistakes);
        Assert.Empty(mistakes);
        Assert.Equal("old.test", mixed.HostName);
        Assert.Equal(2000, mixed.Session.MaxMessageSize);
        Assert.Equal(2, mixed.Threads);
        Assert.Equal("127.0.0.1:2525", Assert.Single(mixed.Listen).EndPoint.ToString());
        // Left out means the default, and not what it was.
        Assert.True(mixed.Trust.Count == 2);
    }

    [Fact]
    public void Many_reloads_make_no_more_sources_than_a_few()
    {
        IConfigurationRoot running = Load("""{ "HostName": "old.test", "MaxMessageSize": 1000 }""", ("Threads", "2"), ("Trust", "10.0.0.0/8"));
        for (int i = 0; i < 20; i++)
            running = ConfigurationChange.Mix(running, Load($$"""{ "HostName": "new.test", "MaxMessageSize": {{i}} }""", ("Threads", "2"), ("Trust", "10.0.0.0/8")), ReloadScope.NeedsRestart);
        Assert.True(running.Providers.Count() <= 4);
        Assert.Equal(("old.test", "19"), (running["HostName"], running["MaxMessageSize"]));
    }

    [Fact]
    public void List_of_the_highest_source_stays_the_whole_list()
    {
        IConfigurationRoot root = Load("""{ "AcceptDomain": ["a.test", "b.test", "c.test"] }""", ("AcceptDomain", "d.test"));
        ServeSettings mixed = ServeSettings.Read(ConfigurationChange.Mix(root, root, ReloadScope.NeedsRestart), out _);
        Assert.Equal(["d.test"], mixed.AcceptDomain);
    }

    [Fact]
    public void What_was_read_stays_what_it_was_although_its_file_has_changed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["c.json"], """{ "HostName": "old.test", "MaxMessageSize": 1000 }""");
        IConfigurationRoot before = ConfigurationSources.Load(folder["c.json"], []);
        File.WriteAllText(folder["c.json"], """{ "HostName": "new.test", "MaxMessageSize": 2000 }""");
        IConfigurationRoot mixed = ConfigurationChange.Mix(before, ConfigurationSources.Load(folder["c.json"], []), ReloadScope.NeedsRestart);
        Assert.Equal(("old.test", "2000"), (mixed["HostName"], mixed["MaxMessageSize"]));
        Assert.Equal("1000", before["MaxMessageSize"]);
    }

    [Fact]
    public void Followers_of_the_accepted_configuration_see_what_was_accepted()
    {
        var accepted = new AcceptedConfiguration(Load("""{ "Logging": { "LogLevel": { "Default": "Warning" } } }"""));
        IConfigurationRoot followed = new ConfigurationBuilder().Add(accepted).Build();
        int told = 0;
        using IDisposable registration = followed.GetReloadToken().RegisterChangeCallback(_ => told++, null);
        accepted.Accept(Load("""{ "Logging": { "LogLevel": { "Default": "Debug" } } }"""));
        Assert.Equal("Debug", followed["Logging:LogLevel:Default"]);
        Assert.Equal(1, told);
    }

    private static IConfigurationRoot Load(string json, params (string Key, string Value)[] above) => new ConfigurationBuilder()
        .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)))
        .AddInMemoryCollection(above.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
        .Build();
}
