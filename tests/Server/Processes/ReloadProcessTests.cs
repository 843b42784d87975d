using System.Runtime.InteropServices;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Processes;

/// <summary>The real process and SIGHUP: what a changed file changes, what it does not, and that no message pays for it.</summary>
public sealed class ReloadProcessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Changed_keys_count_from_the_next_session_on_and_the_others_are_named()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ReloadedServer.StartAsync(folder, """ "MaxMessageSize": 1000, "Trust": ["127.0.0.2/32"], "AcceptDomain": ["one.test"], "Threads": 1 """);
        Assert.StartsWith("552", await server.SendAsync("one.test", 2000), StringComparison.Ordinal);
        Assert.StartsWith("550", await server.SendAsync("two.test", 10), StringComparison.Ordinal);

        await server.ReloadAsync(""" "MaxMessageSize": 5000, "Trust": ["127.0.0.2/32"], "AcceptDomain": ["two.test"], "Threads": 2, "HostName": "other.test", "Queue": { "MaxAttempts": 7 }, "Logging": { "LogLevel": { "Default": "Debug" } } """);
        Assert.StartsWith("550", await server.SendAsync("one.test", 10), StringComparison.Ordinal);
        Assert.StartsWith("250", await server.SendAsync("two.test", 2000), StringComparison.Ordinal);
        foreach (string key in new[] { "Threads", "HostName", "Queue:MaxAttempts" })
            await server.Program.WaitForLineAsync(line => line.EndsWith($"{key} was changed, which counts after a restart", StringComparison.Ordinal), Limit);
        Assert.Contains("changed while running: AcceptDomain, Logging:LogLevel:Default, MaxMessageSize", server.Program.Output, StringComparison.Ordinal);
        await server.Program.WaitForLineAsync(static line => line.Contains(" debug ", StringComparison.Ordinal), Limit);
        Assert.Equal(0, await server.Program.StopAsync());
    }

    [Fact]
    public async Task Bad_file_changes_nothing_and_every_mistake_is_told()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ReloadedServer.StartAsync(folder, """ "MaxMessageSize": 5000 """);
        await server.WriteAsync(""" "MaxMessageSize": 100, "Retry": "soon", "Session": { "MaxErrors": 0 }, "Delivery": { "Tls": "perhaps" } """);
        server.Program.Signal(PosixSignal.SIGHUP);
        await server.Program.WaitForLineAsync(line => line.Contains("refused because of 3 mistake(s)", StringComparison.Ordinal), Limit);
        foreach (string key in new[] { "Retry", "Session:MaxErrors", "Delivery:Tls" })
            Assert.Contains($"Mistake in the changed configuration: {key}: ", server.Program.Output, StringComparison.Ordinal);
        Assert.StartsWith("250", await server.SendAsync("one.test", 2000), StringComparison.Ordinal);

        await File.WriteAllTextAsync(server.File, "{ \"MaxMessageSize\": ");
        server.Program.Signal(PosixSignal.SIGHUP);
        await server.Program.WaitForLineAsync(line => line.Contains("refused because of 1 mistake(s)", StringComparison.Ordinal), Limit);
        Assert.StartsWith("250", await server.SendAsync("one.test", 2000), StringComparison.Ordinal);

        // What was right all the time goes on to be so, with what was wrong put right.
        await server.ReloadAsync(""" "MaxMessageSize": 100 """);
        Assert.StartsWith("552", await server.SendAsync("one.test", 2000), StringComparison.Ordinal);
        Assert.Equal(0, await server.Program.StopAsync());
    }

    [Fact]
    public async Task Reloads_under_load_lose_and_repeat_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var one = new CollectingSink();
        await using var two = new CollectingSink();
        await using var server = await ReloadedServer.StartAsync(folder, To(one, 0), relay: "");
        await using SmtpLoad load = SmtpLoad.Start(server.EndPoint, connections: 8, seed: 1, size: static random => random.Next(100, 4000));
        for (int round = 1; round <= 12; round++)
        {
            int enough = round * 150;
            await load.WaitAsync(l => l.Accepted >= enough, Limit);
            await server.ReloadAsync(To(round % 2 == 0 ? one : two, round));
        }

        await load.StopAsync();
        LoadMessage[] accepted = [.. load.Messages.Where(message => message.Outcome == LoadOutcome.Accepted)];
        Assert.Equal(load.Messages.Count, accepted.Length);
        // Whichever of the two got it, each recipient of each message got it once.
        var expected = accepted.SelectMany(message => message.Recipients.Select(recipient => (message.Token, recipient))).Order().ToList();
        while (one.Received.Count + two.Received.Count < expected.Count)
        {
            int before = one.Messages + two.Messages;
            await Task.WhenAny(one.WaitForCountAsync(one.Messages + 1, Limit), two.WaitForCountAsync(two.Messages + 1, Limit));
            Assert.True(one.Messages + two.Messages > before || one.Received.Count + two.Received.Count == expected.Count, "Something is missing, and nothing comes any more.");
        }

        Assert.Equal(expected, one.Received.Keys.Concat(two.Received.Keys).Order());
        Assert.Equal(0, one.Duplicates + two.Duplicates);
        Assert.Empty(one.Torn.Concat(two.Torn));
        Assert.True(one.Messages > 0 && two.Messages > 0, "Both relays were in use.");
        Assert.Equal(0, await server.Program.StopAsync());

        static string To(CollectingSink sink, int round) =>
            $$""" "Relay": "smtp://127.0.0.1:{{sink.Port}}", "Delivery": { "IdleTimeout": "{{round + 1}}s" }, "MaxConnectionsPerAddress": {{20 + round}}, "Retry": "1s,{{round + 1}}s,...", "Clients": { "ConnectionsPerMinute": {{1000 + round}} } """;
    }

    [Fact]
    public async Task Mail_for_a_hop_that_was_down_goes_by_the_new_relay_at_once()
    {
        using var folder = new TemporaryFolder();
        await using var sink = new CollectingSink();
        await using var server = await ReloadedServer.StartAsync(folder, $$""" "Relay": "smtp://127.0.0.1:{{RunningProgram.FreePort()}}", "Retry": "1h" """, relay: "");
        Assert.StartsWith("250", await server.SendAsync("one.test", 10), StringComparison.Ordinal);
        await server.Program.WaitForLineAsync(static line => line.Contains(" down and waits for it", StringComparison.Ordinal), Limit);
        await server.ReloadAsync($$""" "Relay": "smtp://127.0.0.1:{{sink.Port}}", "Retry": "1h" """);
        await sink.WaitForCountAsync(1, Limit);
        Assert.Equal(1, sink.Messages);
        Assert.Equal(0, await server.Program.StopAsync());
    }

    [Fact]
    public async Task Changed_file_is_read_without_a_signal_where_that_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ReloadedServer.StartAsync(folder, """ "ReloadOnChange": true, "MaxMessageSize": 5000 """);
        await server.WriteAsync(""" "ReloadOnChange": true, "MaxMessageSize": 100 """);
        await server.Program.WaitForLineAsync(line => line.Contains("changed while running: MaxMessageSize", StringComparison.Ordinal), Limit);
        Assert.StartsWith("552", await server.SendAsync("one.test", 2000), StringComparison.Ordinal);
        Assert.Equal(0, await server.Program.StopAsync());
    }

    [Fact]
    public async Task To_hold_or_not_needs_a_restart()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ReloadedServer.StartAsync(folder, """ "MaxMessageSize": 5000 """);
        await server.ReloadAsync(""" "MaxMessageSize": 6000 """, relay: "hold:");
        await server.Program.WaitForLineAsync(line => line.EndsWith("Relay was changed, which counts after a restart", StringComparison.Ordinal), Limit);
        Assert.Equal(0, await server.Program.StopAsync());
    }
}
