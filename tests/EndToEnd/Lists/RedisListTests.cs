using System.Net;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Lists;

/// <summary>The running server with its recipients in a real Redis.</summary>
public sealed class RedisListTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [FullFact("redis-server", "redis-cli")]
    public async Task Recipients_are_judged_by_redis_and_put_off_while_it_is_gone()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await redis.RunAsync("set", "rcpt:known@ours.test", "accept");
        await redis.RunAsync("set", "rcpt:full@ours.test", "452 4.2.2 Mailbox is full");
        var settings = new Dictionary<string, string> { ["SLIMTAFAST__Checks__Recipients"] = $"redis://127.0.0.1:{redis.Port}?prefix=rcpt:" };
        // Not trusted, or it would be spared the check.
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            settings, "serve", "--listen", "127.0.0.1:0", "--storage", "memory:", "--relay", "blackhole:", "--trust", "127.0.0.2", "--accept-domain", "ours.test", "--threads", "1");
        await using RunningProgram owned = server;
        await using DialoguePeer client = await DialoguePeer.ConnectAsync(endPoint, Cover.Plain, Patience);

        Assert.StartsWith("220 ", await AnswerAsync(client), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await AnswerAsync(client, "EHLO client.test"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await AnswerAsync(client, "MAIL FROM:<a@client.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await AnswerAsync(client, "RCPT TO:<Known@Ours.Test>"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await AnswerAsync(client, "RCPT TO:<stranger@ours.test>"), StringComparison.Ordinal);
        Assert.Equal("452 4.2.2 Mailbox is full", await AnswerAsync(client, "RCPT TO:<full@ours.test>"));
        await redis.KillAsync();
        Assert.StartsWith("451 4.3.0", await AnswerAsync(client, "RCPT TO:<known@ours.test>"), StringComparison.Ordinal);
        Assert.StartsWith("221 ", await AnswerAsync(client, "QUIT"), StringComparison.Ordinal);
    }

    private static async Task<string> AnswerAsync(DialoguePeer client, string? command = null)
    {
        if (command is not null)
            await client.SendLineAsync(command);
        return (await client.ReadReplyAsync())![^1];
    }
}
