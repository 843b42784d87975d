using System.Net;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Administration;

/// <summary>What an operator does with the queue of the real server, by <c>slimtafast queue</c> and by HTTP.</summary>
public sealed class QueueCommandTests
{
    private const string Token = "the operator's secret";
    private const string Evil = "ev\u202eil";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [FullFact]
    public async Task Message_is_listed_explained_held_over_a_kill_released_and_removed()
    {
        using var folder = new TemporaryFolder();
        await using var server = await OperatedServer.StartAsync(folder, Token);
        string id = await server.SendAsync("alice@client.test", "bob@ours.test");
        string other = await server.SendAsync("<>", "carol@ours.test");
        string list = await server.QueueUntilAsync(text => text.Contains($"{id} ready", StringComparison.Ordinal) && text.Contains($"{other} ready", StringComparison.Ordinal), "list");
        Assert.Equal(2, list.Split('\n').Length);
        Assert.Contains("<alice@client.test> to bob@ours.test", list, StringComparison.Ordinal);
        string show = await server.QueueUntilAsync(static text => text.Contains("Its next hop is down.", StringComparison.Ordinal), "show", id);
        Assert.Contains("its next hop said: 4", show, StringComparison.Ordinal);
        await server.QueueUntilAsync(static text => text.Contains("its next hop is down: 4", StringComparison.Ordinal), "list", "--recipient", "bob@ours.test");

        // Else the next attempt could be at it just then.
        await server.QueueAsync("pause");
        Assert.Equal((0, $"{id} done\n1 done"), await server.QueueAsync("hold", "--recipient", "bob@ours.test"));
        await server.RestartByKillAsync();
        Assert.Contains("An operator holds it.", (await server.QueueAsync("show", id)).Output, StringComparison.Ordinal);
        Assert.StartsWith($"{id} held", (await server.QueueAsync("list", "--state", "held")).Output, StringComparison.Ordinal);
        (int code, string refused) = await server.QueueAsync("retry", id);
        Assert.Equal((1, $"{id} held\n1 held"), (code, refused));

        await using var hop = new RecordingHop(at: server.Hop);
        Assert.Equal((0, "1 done"), await server.QueueAsync("release", id));
        HopMessage first = await hop.Messages.ReadAsync(new CancellationTokenSource(Patience).Token), second = await hop.Messages.ReadAsync(new CancellationTokenSource(Patience).Token);
        Assert.Single(new[] { first, second }, static message => message.Commands.Contains("RCPT TO:<bob@ours.test>"));
        Assert.Single(new[] { first, second }, static message => message.Commands.Contains("RCPT TO:<carol@ours.test>"));
    }

    [FullFact]
    public async Task Message_for_a_dead_hop_is_rerouted_and_goes_the_other_way_although_the_server_is_killed_in_between()
    {
        using var folder = new TemporaryFolder();
        await using var hop = new RecordingHop();
        await using var server = await OperatedServer.StartAsync(folder, Token, [("backup.internal", $"smtp://127.0.0.1:{hop.Port}")]);
        string rerouted = await server.SendAsync("alice@client.test", "bob@ours.test"), killed = await server.SendAsync("alice@client.test", "carol@else.test");
        await server.QueueUntilAsync(static text => text.Contains("Its next hop is down.", StringComparison.Ordinal), "show", rerouted);
        (int code, string refused) = await server.QueueAsync("reroute", "--to", "smtp://backup", "--all");
        Assert.Equal(2, code);
        Assert.Contains("a domain name or an address literal", refused, StringComparison.Ordinal);

        // An attempt that finds the hop down may be at it just then.
        await server.QueueUntilAsync(static text => text == "1 done", "reroute", "--to", "backup.internal", "--recipient", "@ours.test");
        HopMessage first = await hop.Messages.ReadAsync(new CancellationTokenSource(Patience).Token);
        Assert.Contains("RCPT TO:<bob@ours.test>", first.Commands);

        // Between the order and the attempt.
        await server.QueueAsync("pause");
        await server.QueueUntilAsync(static text => text == "1 done", "reroute", "--to", "Backup.Internal", killed);
        Assert.Contains("by the route of backup.internal via", (await server.QueueAsync("show", killed)).Output, StringComparison.Ordinal);
        await server.RestartByKillAsync();
        HopMessage second = await hop.Messages.ReadAsync(new CancellationTokenSource(Patience).Token);
        Assert.Contains("RCPT TO:<carol@else.test>", second.Commands);
        await server.QueueUntilAsync(static text => text.Length == 0, "list");
        Assert.False(hop.Messages.TryRead(out _));
    }

    [FullFact]
    public async Task Messages_of_a_filter_are_removed_or_returned_and_others_stay()
    {
        using var folder = new TemporaryFolder();
        await using var server = await OperatedServer.StartAsync(folder, Token);
        Assert.Equal((0, "deliveries are paused"), await server.QueueAsync("pause"));
        for (int i = 0; i < 30; i++)
            await server.SendAsync(i % 3 == 0 ? "spammer@bad.test" : "alice@client.test", $"u{i}@ours.test");
        Assert.Equal((0, "10 done"), await server.QueueAsync("remove", "--sender", "@bad.test"));
        Assert.Equal((0, "1 done"), await server.QueueAsync("remove", "--bounce", "--recipient", "=u1@ours.test"));
        string list = (await server.QueueAsync("list")).Output;
        Assert.Equal(20, list.Split('\n').Length);
        Assert.DoesNotContain("spammer", list, StringComparison.Ordinal);
        Assert.Contains("<> to alice@client.test", list, StringComparison.Ordinal);
        await server.RestartByKillAsync();
        Assert.Equal(20, (await server.QueueAsync("list")).Output.Split('\n').Length);
        Assert.Equal((0, "no such messages"), await server.QueueAsync("remove", "--sender", "@bad.test"));
        Assert.Contains("paused: False", (await server.QueueAsync("stats")).Output, StringComparison.OrdinalIgnoreCase);
    }

    [FullFact]
    public async Task What_strangers_wrote_stays_data()
    {
        using var folder = new TemporaryFolder();
        await using var server = await OperatedServer.StartAsync(folder, Token);
        string id = await server.SendAsync($"{Evil}@client.test", "\"<script>alert(1)</script>\"@ours.test", "Subject: \u001b[2J\u001b]0;title\u0007 \u202e\r\n");
        (_, string list) = await server.QueueAsync("list");
        Assert.Contains(@"ev\u{202E}il@client.test", list, StringComparison.Ordinal);
        Assert.Contains("<script>", list, StringComparison.Ordinal);
        (_, string json) = await server.QueueAsync("show", id, "--json");
        Assert.DoesNotContain("<script>", json, StringComparison.Ordinal);
        foreach (string text in new[] { list, json, (await server.QueueAsync("show", id)).Output })
            Assert.DoesNotContain(text, static letter => (char.IsControl(letter) && letter != '\n') || letter == '\u202e');
        Assert.Equal((0, "1 done"), await server.QueueAsync("remove", "--sender", $"={Evil}@client.test"));
    }

    [FullFact]
    public async Task Foreign_and_wrong_requests_are_refused_in_words()
    {
        using var folder = new TemporaryFolder();
        await using var server = await OperatedServer.StartAsync(folder, Token);
        await server.SendAsync("alice@client.test", "bob@ours.test");
        (int code, string output) = await server.QueueAsync("list", "--sender", new string('x', 400));
        Assert.Equal(2, code);
        Assert.Contains("more than 320 characters", output, StringComparison.Ordinal);
        (code, output) = await server.QueueAsync("list", "--state", "lost");
        Assert.Equal(2, code);
        Assert.Contains("'lost' is none of waiting, held", output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder["wrong"], "guess");
        (code, output) = await server.RunAsync(folder["wrong"], "list");
        Assert.Equal(2, code);
        Assert.Contains("--token-file", output, StringComparison.Ordinal);

        const string Order = """{"action":"remove","all":true}""";
        Assert.Equal(HttpStatusCode.Unauthorized, await server.PostAsync("messages/actions", Order, "application/json", token: null));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await server.PostAsync("messages/actions", Order, "text/plain", Token));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await server.PostAsync("pause", "", "application/x-www-form-urlencoded", Token));
        Assert.Equal(HttpStatusCode.Forbidden, await server.PostAsync("messages/actions", Order, "application/json", Token, origin: "http://attacker.test"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await server.PostAsync("messages/actions", $$$"""{"action":"remove","filter":{"sender":"{{{new string('x', 100_000)}}}"}}""", "application/json", Token));
        foreach (string wrong in new[] { "", "null", "[]", "{", """{"action":"remove"}""", """{"action":"remove","filter":{}}""", """{"action":"remove","filter":{"sendr":"x"}}""", """{"action":"destroy","all":true}""", """{"action":3,"all":true}""", """{"action":"remove","ids":["x"]}""" })
            Assert.Equal(HttpStatusCode.BadRequest, await server.PostAsync("messages/actions", wrong, "application/json", Token));
        Assert.Single((await server.QueueAsync("list")).Output.Split('\n'));
    }
}
