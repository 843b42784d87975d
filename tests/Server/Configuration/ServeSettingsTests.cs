using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Dns;
using SlimtaFast.Edge;
using SlimtaFast.Lookup.Redis;
using SlimtaFast.Protocol;
using SlimtaFast.Relay;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Hosting;
using SlimtaFast.TestKit.Diagnostics;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Configuration;

public sealed class ServeSettingsTests
{
    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        ServeSettings settings = Read([], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal("127.0.0.1:2525", Assert.Single(settings.Listen).EndPoint.ToString());
        Assert.Equal("./spool", Assert.IsType<DiskStorageAddress>(settings.Storage).Directory);
        Assert.Equal(RelayKind.Mx, settings.Relay.Kind);
        Assert.Equal(TimeSpan.FromDays(5), settings.Queue.Retry.MaxAge);
        Assert.Equal(52_428_800, settings.Session.MaxMessageSize);
        Assert.Empty(settings.AcceptDomain);
        Assert.Equal([IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")], settings.Trust);
    }

    [Theory]
    [InlineData("Listen", "2525")]
    [InlineData("HostName", "not a name")]
    [InlineData("Storage", "tape:")]
    [InlineData("Relay", "pigeon:")]
    [InlineData("Retry", "soon")]
    [InlineData("MaxAge", "5")]
    [InlineData("MaxMessageSize", "-1")]
    [InlineData("MaxRecipients", "0")]
    [InlineData("MaxConnections", "many")]
    [InlineData("MaxConnectionsPerAddress", "-1")]
    [InlineData("AcceptDomain", "a@b")]
    [InlineData("Trust", "10.0.0.0/40")]
    [InlineData("ContentThreshold", "x")]
    [InlineData("ContentBudget", "x")]
    [InlineData("ProxyProtocol", "perhaps")]
    [InlineData("ProxyTimeout", "0s")]
    [InlineData("XclientFrom", "everybody")]
    [InlineData("Session:RefuseEarlyCommands", "x")]
    [InlineData("Session:RefuseEarlyTalkers", "x")]
    [InlineData("Threads", "4096")]
    [InlineData("StopTimeout", "x")]
    [InlineData("LogFormat", "xml")]
    [InlineData("Session:CommandTimeout", "0s")]
    [InlineData("Session:AllowNul", "perhaps")]
    [InlineData("Session:BareLineEnds", "Maybe")]
    [InlineData("Session:FutureRelease", "1500ms")]
    [InlineData("Session:FutureRelease", "20000d")]
    [InlineData("Session:DeliverByLeast", "soon")]
    [InlineData("Session:MaxDomainsPerMessage", "-1")]
    [InlineData("Session:MaxCommandLine", "511")]
    [InlineData("Session:MaxRefusals", "-1")]
    [InlineData("Session:MaxSessionTime", "never")]
    [InlineData("Session:MinDataRate", "-1")]
    [InlineData("Session:MinDataRateWindow", "off")]
    [InlineData("Clients:Exempt", "here")]
    [InlineData("Clients:IPv4Prefix", "0")]
    [InlineData("Clients:IPv6Prefix", "129")]
    [InlineData("Clients:MessagesPerMinute", "x")]
    [InlineData("Load:MaxMemoryPercent", "100")]
    [InlineData("Load:MinFreeDisk", "x")]
    [InlineData("Load:MaxQueued", "-1")]
    [InlineData("Pipe:Timeout", "0s")]
    [InlineData("Pipe:KillDelay", "x")]
    [InlineData("Pipe:MaxProcesses", "0")]
    [InlineData("Pipe:RecipientsPerProcess", "0")]
    [InlineData("Pipe:Directory", "here")]
    [InlineData("Pipe:ScratchDirectory", "here")]
    [InlineData("Pipe:Environment", "NAME")]
    [InlineData("Pipe:LineEnds", "cr")]
    [InlineData("Pipe:AddReturnPath", "perhaps")]
    [InlineData("Pipe:TransientExitCodes", "256")]
    [InlineData("Pipe:PermanentExitCodes", "0")]
    [InlineData("Pipe:Command", "/bin/true")]
    [InlineData("Checks:ReverseName", "perhaps")]
    [InlineData("Checks:Hello", "perhaps")]
    [InlineData("Checks:GreetingDelay", "0s")]
    [InlineData("Checks:DnsLists", "bl.example.org*0")]
    [InlineData("Checks:DnsListThreshold", "0")]
    [InlineData("Checks:Senders", "/nonexistent/senders")]
    [InlineData("Checks:Recipients", "/nonexistent/recipients")]
    [InlineData("Checks:Recipients", "redis://")]
    [InlineData("Checks:Recipients", "redis://user:secret@127.0.0.1")]
    [InlineData("Checks:Recipients", "redis://127.0.0.1/one")]
    [InlineData("Checks:Recipients", "redis://127.0.0.1?colour=red")]
    [InlineData("Checks:Recipients", "redis://127.0.0.1?timeout=soon")]
    [InlineData("Redis:PasswordFile", "/nonexistent/password")]
    [InlineData("Queue:HopMaxAttempts", "0")]
    [InlineData("Queue:HopRetryMost", "1s")]
    [InlineData("Queue:LeaseTime", "900ms")]
    [InlineData("Queue:MaxLeased", "0")]
    [InlineData("Delivery:FinalTimeout", "x")]
    [InlineData("Delivery:SourceAddresses", "here")]
    [InlineData("Delivery:SourceAddresses", "192.0.2.1?weight=0")]
    [InlineData("Delivery:SourceAddresses", "192.0.2.1?name=a b")]
    [InlineData("Delivery:SourceAddresses", "192.0.2.1?colour=red")]
    [InlineData("Delivery:Addresses", "v5")]
    [InlineData("Delivery:MxPort", "0")]
    [InlineData("Delivery:RefuseNetworks", "private,inside")]
    [InlineData("Dns:Servers", "ns.example.org")]
    [InlineData("Dns:Retries", "x")]
    [InlineData("Queue:Address", "amqp:")]
    [InlineData("Http:MaxHeaderOctets", "2M")]
    [InlineData("Queue:ProxyTimeout", "0s")]
    [InlineData("RouteLookup", "/nonexistent/routes")]
    [InlineData("Logging:LogLevel:Default", "Chatty")]
    [InlineData("Admin:Listen", "2580")]
    [InlineData("Admin:Listen", "0.0.0.0:2580")]
    [InlineData("Admin:Listen", "*:2580")]
    [InlineData("Telemetry:Otlp", "collector:4317")]
    [InlineData("Telemetry:Interval", "0s")]
    [InlineData("Telemetry:TraceRatio", "2")]
    [InlineData("Events:FileMaxSize", "1")]
    [InlineData("Events:Files", "0")]
    [InlineData("Events:Webhook", "ftp://books.example.org/")]
    [InlineData("Events:Buffer", "0")]
    public void Mistake_is_told_with_its_key(string key, string value)
    {
        Read([(key, value)], out IReadOnlyList<string> errors);
        Assert.StartsWith($"{key}: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Routes:0:Relay", "pigeon:", "Routes:0:Relay: ")]
    [InlineData("Routes:0:Relay", "hold:", "Routes:0:Relay: ")]
    [InlineData("Routes:0:Relay", "", "Routes:0:Relay: ")]
    [InlineData("Routes:0:Domains", "a b", "Routes:0:Domains: ")]
    [InlineData("Routes:0:Domains", "", "Routes:0:Domains: ")]
    [InlineData("Routes:0:Domains", "two.test", "Routes:1:Domains: two.test has a route already")]
    [InlineData("Routes:0:Delivery:Tls", "sometimes", "Routes:0:Delivery:Tls: ")]
    [InlineData("Routes:0:Domain", "three.test", "Routes:0:Domain: there is no such key; did you mean Routes:0:Domains?")]
    [InlineData("Routes:one:Relay", "mx:", "Routes:one: Routes is a list of sections, numbered from 0")]
    [InlineData("Queue:Address", "proxy", "Queue:Address: a proxy stores nothing")]
    public void Mistake_in_a_route_is_told_with_its_key(string key, string value, string error)
    {
        var values = new Dictionary<string, string>
        {
            ["Routes:0:Domains"] = "one.test",
            ["Routes:0:Relay"] = "smtp://192.0.2.1",
            ["Routes:1:Domains"] = "two.test",
            ["Routes:1:Relay"] = "mx:",
            ["Relay"] = "hold:",
            [key] = value,
        };
        Read(values.Select(static v => (v.Key, v.Value)), out IReadOnlyList<string> errors);
        Assert.Contains(errors, told => told.StartsWith(error, StringComparison.Ordinal));
    }

    [Fact]
    public void Route_has_what_it_says_and_the_rest_of_all_mail_but_no_password()
    {
        ServeSettings settings = Read(
            [
                ("Relay", "smtp://192.0.2.1"), ("Delivery:UserName", "us"), ("Delivery:Password", "secret"), ("Delivery:IdleTimeout", "3s"), ("Delivery:Tls", "Off"),
                ("Delivery:SourceAddresses", "192.0.2.7?weight=3&name=mx1.example.org,192.0.2.8"), ("Delivery:RefuseNetworks", "203.0.113.0/24,private"),
                ("Routes:0:Domains", "one.test,.one.test"), ("Routes:0:Relay", "smtps://192.0.2.2?connections=5"), ("Routes:0:Delivery:MaxMessagesPerConnection", "10"),
                ("Routes:1:Domains", "two.test"), ("Routes:1:Relay", "lmtp://192.0.2.3"), ("Routes:1:Delivery:IdleTimeout", "4s"), ("Routes:1:Delivery:SourceAddresses", "::1"),
            ],
            out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal([new SourceAddress(IPAddress.Parse("192.0.2.7"), 3, "mx1.example.org"), new SourceAddress(IPAddress.Parse("192.0.2.8"))], settings.Delivery.SourceAddresses);
        Assert.Equal([IPNetwork.Parse("203.0.113.0/24"), .. MxRelayOptions.PrivateNetworks], settings.Mx.RefuseNetworks);
        RouteSettings one = settings.Routes[0], two = settings.Routes[1];
        Assert.Equal(["one.test", ".one.test"], one.Domains);
        Assert.Equal((5, true), (one.Relay.Connections, one.Relay.ImplicitTls));
        Assert.Null(one.Delivery.Client.Credentials);
        Assert.Equal((SmtpTlsPolicy.Required, true, 10), (one.Delivery.Client.Tls.Policy, one.Delivery.Client.Tls.Implicit, one.Delivery.MaxMessagesPerConnection));
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4)), (one.Delivery.IdleTimeout, two.Delivery.IdleTimeout));
        Assert.Equal((SmtpTlsPolicy.Off, false), (two.Delivery.Client.Tls.Policy, two.Delivery.Client.Tls.Implicit));
        Assert.Equal(2, one.Delivery.SourceAddresses.Count);
        Assert.Equal(IPAddress.IPv6Loopback, Assert.Single(two.Delivery.SourceAddresses).Address);
    }

    [Theory]
    [InlineData("ProxyProtocol", "required", "ProxyFrom: must name the proxies")]
    [InlineData("ProxyFrom", "10.0.0.0/8", "ProxyProtocol: is off")]
    public void Proxies_and_their_protocol_go_together(string key, string value, string error)
    {
        Read([(key, value)], out IReadOnlyList<string> errors);
        Assert.StartsWith(error, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Admin_listener_for_others_needs_a_token_and_a_token_needs_a_listener()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["token"], "secret\n");
        ServeSettings settings = Read([("Admin:Listen", "0.0.0.0:2580"), ("Admin:TokenFile", folder["token"]), ("Admin:HostNames", "mx.example.org")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(("0.0.0.0:2580", "secret", "mx.example.org"), (settings.Admin!.Listen.ToString(), settings.Admin.Token, Assert.Single(settings.Admin.HostNames)));
        Read([("Admin:TokenFile", folder["token"])], out errors);
        Assert.StartsWith("Admin:Listen: is not given", Assert.Single(errors), StringComparison.Ordinal);
        Read([("Admin:Listen", "127.0.0.1:2580"), ("Admin:TokenFile", folder["nothing"])], out errors);
        Assert.StartsWith("Admin:TokenFile: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Header_fields_for_a_collector_come_from_a_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["headers"], "Authorization: Bearer a:b\n\nX-Tenant: seven\n");
        ServeSettings settings = Read([("Telemetry:Otlp", "https://collector.example.org/otlp"), ("Telemetry:HeadersFile", folder["headers"])], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal([KeyValuePair.Create("Authorization", "Bearer a:b"), KeyValuePair.Create("X-Tenant", "seven")], settings.Otlp!.Headers);
        File.WriteAllText(folder["headers"], "no field\n");
        Read([("Telemetry:Otlp", "https://collector.example.org/otlp"), ("Telemetry:HeadersFile", folder["headers"])], out errors);
        Assert.StartsWith("Telemetry:HeadersFile: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Proxies_are_not_trusted_to_relay()
    {
        ServeSettings settings = Read([("ProxyProtocol", "optional"), ("ProxyFrom", "10.0.0.0/8"), ("XclientFrom", "10.1.0.0/16")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal([IPNetwork.Parse("10.0.0.0/8")], settings.ProxyFrom);
        Assert.Equal([IPNetwork.Parse("10.1.0.0/16")], settings.XclientFrom);
        Assert.Equal([IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")], settings.Trust);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        Read([("Relay", "pigeon:"), ("Storage", "tape:"), ("Threads", "x")], out IReadOnlyList<string> errors);
        Assert.Equal(3, errors.Count);
    }

    [Fact]
    public void Unknown_key_is_refused_with_the_nearest_known_one()
    {
        Read([("MaxConections", "5")], out IReadOnlyList<string> errors);
        Assert.Equal("MaxConections: there is no such key; did you mean MaxConnections?", Assert.Single(errors));
    }

    [Fact]
    public void Unknown_key_like_nothing_known_is_refused()
    {
        Read([("Zzzzzzzzzzzz:Qqqqqqqqqqq", "5")], out IReadOnlyList<string> errors);
        Assert.Equal("Zzzzzzzzzzzz:Qqqqqqqqqqq: there is no such key", Assert.Single(errors));
    }

    [Fact]
    public void Logging_section_is_left_to_the_framework()
    {
        Read([("Logging:LogLevel:SlimtaFast.Queue", "Debug"), ("Logging:Line:LogLevel:Default", "Error")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
    }

    [Fact]
    public void List_may_be_one_text_with_commas()
    {
        ServeSettings settings = Read([("AcceptDomain", "a.example, b.example")], out _);
        Assert.Equal(["a.example", "b.example"], settings.AcceptDomain);
    }

    [Fact]
    public void List_of_a_higher_source_replaces_the_whole_list()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("AcceptDomain:0", (string?)"a.example"), KeyValuePair.Create("AcceptDomain:1", (string?)"b.example")])
            .AddInMemoryCollection([KeyValuePair.Create("AcceptDomain:0", (string?)"c.example")])
            .Build();
        ServeSettings settings = ServeSettings.Read(configuration, out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(["c.example"], settings.AcceptDomain);
    }

    [Fact]
    public void File_may_hold_comments_and_options_override_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["slimtafast.json"], """
            {
              // Where to listen.
              "Listen": ["127.0.0.1:1", "127.0.0.1:2"],
              "Relay": "hold:", /* for now */
              "Threads": 2,
            }
            """);
        IConfigurationRoot configuration = ConfigurationSources.Load(folder["slimtafast.json"], [KeyValuePair.Create("Relay", (string?)"mx:")]);
        ServeSettings settings = ServeSettings.Read(configuration, out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(2, settings.Listen.Count);
        Assert.Equal(RelayKind.Mx, settings.Relay.Kind);
        Assert.Equal(2, settings.Threads);
    }

    [Fact]
    public void Missing_file_is_refused_by_name()
    {
        var wrong = Assert.Throws<UsageException>(() => ConfigurationSources.Load("/nonexistent/slimtafast.json", []));
        Assert.Contains("/nonexistent/slimtafast.json", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_file_is_refused_with_its_line()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["broken.json"], "{\n  \"Relay\": mx\n}");
        var wrong = Assert.Throws<UsageException>(() => ConfigurationSources.Load(folder["broken.json"], []));
        Assert.Contains("broken.json", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("LineNumber: 1", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Connections_of_the_relay_bound_its_attempts()
    {
        ServeSettings settings = Read([("Relay", "smtp://127.0.0.1:25?connections=5")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(5, settings.Queue.HopMaxAttempts);
        Assert.Equal(5, settings.Queue.HopInitialAttempts);
    }

    [Fact]
    public void Limits_may_be_switched_off()
    {
        ServeSettings settings = Read([("Session:MaxSessionTime", "off"), ("Session:MinDataRate", "0")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(0, settings.Session.MinDataRate);
        Assert.Equal(TimeSpan.Zero, settings.Session.MaxSessionTime);
    }

    [Fact]
    public void Mistake_in_a_list_is_told_with_its_line()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["list"], "a@b.example ok\n/[/ refuse\n");
        Read([("Checks:Recipients", folder["list"])], out IReadOnlyList<string> errors);
        Assert.Contains("line 2", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void List_in_redis_is_read()
    {
        ServeSettings settings = Read(
            [("Checks:Recipients", "rediss://cache.example:7000/4?prefix=r:&timeout=500ms"), ("Redis:UserName", "mail"), ("Redis:Password", "secret")],
            out IReadOnlyList<string> errors);

        Assert.Empty(errors);
        var options = new RedisLookupOptions { Host = "cache.example", Port = 7000, Database = 4, Prefix = "r:", Tls = true, Timeout = TimeSpan.FromMilliseconds(500) };
        Assert.Equal(options, Assert.IsType<RedisLookupAddress>(settings.Checks.Recipients).Options);
        Assert.Equal(new LookupSecrets("mail", "secret"), settings.LookupSecrets);
        Assert.DoesNotContain("secret", settings.LookupSecrets.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Checks_become_hooks_and_without_any_there_are_none()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["list"], "a@b.example ok\n");
        (string, string)[] all =
        [
            ("Checks:DnsLists", "bl.example.org*2"), ("Checks:ReverseName", "confirmed"), ("Checks:GreetingDelay", "5s"), ("Checks:Hello", "resolvable"),
            ("Checks:Senders", folder["list"]), ("Checks:Recipients", folder["list"]),
        ];
        Assert.Equal(
            [typeof(DnsListCheck), typeof(ReverseNameCheck), typeof(GreetingDelay), typeof(HelloCheck), typeof(AddressListCheck), typeof(AddressListCheck)],
            Make(all).Select(hook => hook.GetType()));
        Assert.Empty(Make([]));

        static IReadOnlyList<SessionHook> Make((string, string)[] values)
        {
            ServeSettings settings = Read(values, out _);
            var dns = new DnsClientResolver(new DnsResolverOptions(), TimeProvider.System);
            using var meters = new Counts();
            return CheckHooks.Make(settings, dns, new LookupSources(settings, TimeProvider.System, NullLogger<LookupSources>.Instance), TimeProvider.System, NullLoggerFactory.Instance, meters);
        }
    }

    [Fact]
    public void Every_key_is_documented()
    {
        var reader = new SettingsReader(new ConfigurationBuilder().Build());
        ServeSettings.Read(reader);
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "configuration.md"));
        IEnumerable<string> documented = page.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('`')[1]);
        Assert.Equal(reader.KnownKeys.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    private static ServeSettings Read(IEnumerable<(string Key, string Value)> values, out IReadOnlyList<string> errors) =>
        ServeSettings.Read(
            new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build(),
            out errors);
}
