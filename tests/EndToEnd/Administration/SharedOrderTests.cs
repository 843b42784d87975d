using SlimtaFast.EndToEnd.Tests.Sharing;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Aws;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Administration;

/// <summary>Orders by id for messages that no process has, with two real servers on one real storage that they share.</summary>
public sealed class SharedOrderTests
{
    private const string Token = "the operator's secret";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [FullFact("redis-server", "redis-cli")]
    public async Task Deferred_message_is_held_by_one_server_stays_so_over_kills_and_is_released_by_the_other() => await HoldAsync(await RedisBackend.StartAsync());

    [FauxqsFact]
    public async Task Deferred_message_on_objects_is_held_by_one_server_stays_so_over_kills_and_is_released_by_the_other() => await HoldAsync(await S3Backend.StartAsync());

    [FullFact("redis-server", "redis-cli")]
    public async Task Deferred_messages_are_retried_rerouted_and_removed_by_a_server_that_does_not_have_them()
    {
        using TemporaryFolder folder = new(), otherFolder = new();
        await using RedisBackend redis = await RedisBackend.StartAsync();
        await using RecordingHop hop = new() { RecipientAnswer = "451 4.3.0 Later" }, backup = new();
        (string, string)[] routes = [("backup.internal", $"smtp://127.0.0.1:{backup.Port}")];
        await using var first = await OperatedServer.StartAsync(folder, Token, routes, redis, hop.Port);
        await using var second = await OperatedServer.StartAsync(otherFolder, Token, routes, redis, hop.Port);
        string retried = await first.SendAsync("alice@client.test", "bob@ours.test"), rerouted = await first.SendAsync("alice@client.test", "carol@ours.test"),
            removed = await first.SendAsync("alice@client.test", "dave@ours.test");
        foreach (string id in new[] { retried, rerouted, removed })
            await second.QueueUntilAsync(static text => text.Contains("It waits for its next attempt. Until ", StringComparison.Ordinal), "show", id);
        await second.QueueUntilAsync(static text => text == "1 done", "reroute", "--to", "backup.internal", rerouted);
        Assert.Contains("RCPT TO:<carol@ours.test>", (await backup.Messages.ReadAsync(new CancellationTokenSource(Patience).Token)).Commands);
        await second.QueueUntilAsync(static text => text == "1 done", "remove", removed);
        hop.RecipientAnswer = "250 2.0.0 Ok";
        await second.QueueUntilAsync(static text => text == "1 done", "retry", retried);
        Assert.Contains("RCPT TO:<bob@ours.test>", (await hop.Messages.ReadAsync(new CancellationTokenSource(Patience).Token)).Commands);
        foreach (string id in new[] { retried, rerouted, removed })
            await first.QueueUntilAsync(static text => text.Contains("not in the queue", StringComparison.Ordinal), "show", id);
        Assert.Equal("0", await redis.CountAsync());
        Assert.False(hop.Messages.TryRead(out _));
        Assert.False(backup.Messages.TryRead(out _));
    }

    private static async Task HoldAsync(ISharedBackend backend)
    {
        using TemporaryFolder folder = new(), otherFolder = new();
        await using ISharedBackend shared = backend;
        await using var hop = new RecordingHop { RecipientAnswer = "451 4.3.0 Later" };
        await using var first = await OperatedServer.StartAsync(folder, Token, backend: backend, hop: hop.Port);
        await using var second = await OperatedServer.StartAsync(otherFolder, Token, backend: backend, hop: hop.Port);
        string id = await first.SendAsync("alice@client.test", "bob@ours.test");
        string show = await second.QueueUntilAsync(static text => text.Contains("It waits for its next attempt. Until ", StringComparison.Ordinal), "show", id);
        Assert.StartsWith($"{id} waiting ", show, StringComparison.Ordinal);
        Assert.Contains("attempts 1, next ", show, StringComparison.Ordinal);
        Assert.Contains("451 4.3.0 Later", show, StringComparison.Ordinal);
        Assert.StartsWith($"{id} waiting ", (await second.QueueAsync("list")).Output, StringComparison.Ordinal);

        await first.QueueUntilAsync(static text => text == "1 done", "hold", id);
        hop.RecipientAnswer = "250 2.0.0 Ok";
        Assert.Contains("An operator holds it.", (await second.QueueAsync("show", id)).Output, StringComparison.Ordinal);
        Assert.Equal((1, $"{id} held\n1 held"), await second.QueueAsync("retry", id));
        await first.RestartByKillAsync();
        await second.RestartByKillAsync();
        Assert.Contains("An operator holds it.", (await first.QueueAsync("show", id)).Output, StringComparison.Ordinal);

        // Mail that comes later is delivered all the while.
        await second.SendAsync("alice@client.test", "carol@ours.test");
        Assert.Contains("RCPT TO:<carol@ours.test>", (await hop.Messages.ReadAsync(new CancellationTokenSource(Patience).Token)).Commands);
        Assert.StartsWith($"{id} held ", (await second.QueueAsync("list", "--state", "held")).Output, StringComparison.Ordinal);
        await second.QueueUntilAsync(static text => text == "1 done", "release", "--state", "held");
        Assert.Contains("RCPT TO:<bob@ours.test>", (await hop.Messages.ReadAsync(new CancellationTokenSource(Patience).Token)).Commands);
        await first.QueueUntilAsync(static text => text.Contains("not in the queue", StringComparison.Ordinal), "show", id);
        Assert.Equal("0", await backend.CountAsync());
        Assert.False(hop.Messages.TryRead(out _));
        Assert.Equal((1, $"{id} notFound\n1 notFound"), await first.QueueAsync("release", id));
    }
}
