using System.Globalization;
using System.Net;
using Microsoft.Data.Sqlite;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Dns;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Routing;

/// <summary>Where the real executable takes mail by what a real name server says, by its routes, and by a lookup.</summary>
public sealed class RoutingTests
{
    private const string Zone = """
        usual    MX    10 second
        second   A     127.0.0.2
        order    MX    10 dead
        order    MX    20 second
        dead     A     127.0.0.9
        six      MX    10 both
        both     A     127.0.0.9
        both     AAAA  ::1
        bare     A     127.0.0.2
        alias    CNAME bare
        null     MX    0 .
        nowhere  MX    10 absent
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private IPEndPoint? _endPoint;

    [FullFact("knotd")]
    public async Task Mail_goes_where_the_zone_says_and_what_cannot_be_delivered_is_refused_for_good()
    {
        await using KnotProgram dns = await KnotProgram.StartAsync(Zone);
        int port = RunningProgram.FreePort();
        await using var second = new RecordingHop(at: new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
        await using var six = new RecordingHop(at: new IPEndPoint(IPAddress.IPv6Loopback, port));
        (RunningProgram server, IPEndPoint endPoint) = await ServeAsync(dns, port, new Dictionary<string, string>());
        await using RunningProgram owned = server;
        foreach (string domain in new[] { "usual", "order", "bare", "alias", "six" })
        {
            await SendAsync(endPoint, $"b@{domain}.mta.test");
            HopMessage message = await (domain == "six" ? six : second).Messages.ReadAsync(new CancellationTokenSource(Patience).Token);
            Assert.Contains($"RCPT TO:<b@{domain}.mta.test>", message.Commands);
        }

        foreach ((string domain, string reply) in new[] { ("null", "556 5.1.10"), ("nothing", "550 5.1.2"), ("nowhere", "550 5.4.4") })
        {
            await SendAsync(endPoint, $"b@{domain}.mta.test");
            await server.WaitForLineAsync(line => line.Contains($"{domain}.mta.test: 0 delivered, 1 failed", StringComparison.Ordinal) && line.Contains(reply, StringComparison.Ordinal), Patience);
        }

        Assert.Equal(0, await server.StopAsync());
    }

    [FullFact("knotd")]
    public async Task Routes_and_lookups_go_before_the_zone_and_a_lookup_is_asked_anew()
    {
        await using KnotProgram dns = await KnotProgram.StartAsync(Zone);
        using var folder = new TemporaryFolder();
        int port = RunningProgram.FreePort();
        await using var second = new RecordingHop(at: new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
        await using var routed = new RecordingHop();
        await using var found = new RecordingHop();
        await File.WriteAllTextAsync(folder["routes"], string.Create(CultureInfo.InvariantCulture, $"bare.mta.test smtp://127.0.0.1:{found.Port}\n.deep.test smtp://127.0.0.1:{found.Port}\nwrong.test pigeon:\n"));
        (RunningProgram server, IPEndPoint endPoint) = await ServeAsync(dns, port, new Dictionary<string, string>
        {
            ["Routes__0__Domains__0"] = "order.mta.test",
            ["Routes__0__Domains__1"] = ".sub.test",
            ["Routes__0__Relay"] = string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{routed.Port}?connections=1"),
            ["Routes__0__Delivery__SourceAddresses"] = "127.0.0.7?name=seven.mx.test",
            ["RouteLookup"] = folder["routes"],
        });
        await using RunningProgram owned = server;
        foreach ((RecordingHop hop, string to) in new[] { (routed, "b@order.mta.test"), (routed, "b@a.sub.test"), (found, "b@bare.mta.test"), (found, "b@a.b.deep.test"), (second, "b@usual.mta.test") })
        {
            await SendAsync(endPoint, to);
            HopMessage message = await hop.Messages.ReadAsync(new CancellationTokenSource(Patience).Token);
            Assert.Contains($"RCPT TO:<{to}>", message.Commands);
            Assert.Equal(ReferenceEquals(hop, routed) ? "seven.mx.test" : "mx.test", message.Hello);
        }

        await SendAsync(endPoint, "b@wrong.test");
        await server.WaitForLineAsync(static line => line.Contains("the route of wrong.test is wrong", StringComparison.Ordinal) && line.Contains("pigeon:", StringComparison.Ordinal), Patience);
        Assert.Equal(0, await server.StopAsync());
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Routes_are_looked_up_in_patterns_in_sqlite_and_in_redis_anew_with_each_attempt()
    {
        using var folder = new TemporaryFolder();
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await using var first = new RecordingHop();
        await using var second = new RecordingHop();
        string toFirst = string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{first.Port}"), toSecond = string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{second.Port}");
        await File.WriteAllTextAsync(folder["routes"], $"/^@mail[0-9]+[.]test$/ {toFirst}\n@mail7.test {toSecond}\n");
        await TellAsync($"CREATE TABLE routes (domain TEXT, relay TEXT); INSERT INTO routes VALUES ('@mail1.test', '{toFirst}')");
        await redis.RunAsync("set", "route:mail1.test", toFirst);

        await using (RunningProgram server = await AssertAsync(folder["routes"], first, "b@mail1.test"))
            await AssertNextAsync(second, "b@mail7.test");
        await using (RunningProgram server = await AssertAsync($"sqlite:{folder["routes.db"]}?query=SELECT relay FROM routes WHERE domain = @key", first, "b@mail1.test"))
        {
            await TellAsync($"UPDATE routes SET relay = '{toSecond}'");
            await AssertNextAsync(second, "b@mail1.test");
        }

        await using (RunningProgram server = await AssertAsync($"redis://127.0.0.1:{redis.Port}?prefix=route:", first, "b@mail1.test"))
        {
            await redis.RunAsync("set", "route:mail1.test", toSecond);
            await AssertNextAsync(second, "b@mail1.test");
            await redis.KillAsync();
            await SendAsync(_endPoint!, "b@mail1.test");
            await server.WaitForLineAsync(static line => line.Contains(" down and waits", StringComparison.Ordinal) || line.Contains("1 deferred", StringComparison.Ordinal), Patience);
            Assert.False(second.Messages.TryRead(out _));
        }

        async Task<RunningProgram> AssertAsync(string lookup, RecordingHop hop, string to)
        {
            var settings = new Dictionary<string, string> { ["SLIMTAFAST__RouteLookup"] = lookup };
            (RunningProgram server, _endPoint) = await SlimtafastProgram.ListenAsync(settings, "serve", "--listen", "127.0.0.1:0", "--storage", "memory:", "--relay", "blackhole:", "--threads", "1");
            await AssertNextAsync(hop, to);
            return server;
        }

        async Task AssertNextAsync(RecordingHop hop, string to)
        {
            await SendAsync(_endPoint!, to);
            HopMessage message = await hop.Messages.ReadAsync(new CancellationTokenSource(Patience).Token);
            Assert.Contains($"RCPT TO:<{to}>", message.Commands);
        }

        async Task TellAsync(string statement)
        {
            await using var database = new SqliteConnection($"Data Source={folder["routes.db"]};Pooling=False");
            await database.OpenAsync();
            await using SqliteCommand command = database.CreateCommand();
            command.CommandText = statement;
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task<(RunningProgram Program, IPEndPoint EndPoint)> ServeAsync(KnotProgram dns, int port, IReadOnlyDictionary<string, string> settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["SLIMTAFAST__Dns__Servers"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{dns.Port}"),
            ["SLIMTAFAST__Delivery__MxPort"] = port.ToString(CultureInfo.InvariantCulture),
            ["SLIMTAFAST__Delivery__RefuseLoopback"] = "false",
        };
        foreach ((string key, string value) in settings)
            environment["SLIMTAFAST__" + key] = value;
        return await SlimtafastProgram.ListenAsync(environment, "serve", "--listen", "127.0.0.1:0", "--storage", "memory:", "--hostname", "mx.test");
    }

    // The null reverse-path, so that what fails is not reported in turn.
    private static async Task SendAsync(IPEndPoint server, string to)
    {
        await using DialoguePeer client = await DialoguePeer.ConnectAsync(server, Cover.Plain, Patience);
        foreach (string line in new[] { "EHLO client.test", "MAIL FROM:<>", $"RCPT TO:<{to}>", "DATA", "Subject: x\r\n\r\nx\r\n.", "QUIT" })
        {
            IReadOnlyList<string>? reply = await client.ReadReplyAsync();
            Assert.True(reply?[^1][0] is '2' or '3', client.Transcript);
            await client.SendLineAsync(line);
        }

        Assert.StartsWith("221", (await client.ReadReplyAsync())?[^1], StringComparison.Ordinal);
    }
}
