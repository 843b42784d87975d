using System.Net;
using SlimtaFast.EndToEnd.Tests.Wire;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.RealNextHops;

/// <summary>The real executable as a proxy before a real Dovecot: what the mailboxes say is what the client hears, and nothing is stored.</summary>
public sealed class ProxyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // More than bob's mailbox holds.
    private static readonly string Large = string.Concat(Enumerable.Repeat(new string('y', 900) + "\r\n", 34));

    [FullFact("/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp")]
    public Task Client_of_lmtp_hears_what_each_mailbox_says() => ConverseAsync("lmtp", "550 5.1.1", "552 5.2.2", "250 2.0.0");

    [FullFact("/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp")]
    public Task Client_of_smtp_hears_who_did_not_get_it() => ConverseAsync("smtp", "550 5.1.1 Delivered to 1 of 3 recipients, but not to <nobody-here@box.test>");

    private static async Task ConverseAsync(string protocol, params string[] answers)
    {
        await using DovecotProgram dovecot = await DovecotProgram.StartAsync();
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string> { ["SLIMTAFAST__Queue__ScratchDirectory"] = folder["scratch"], ["SLIMTAFAST__ContentThreshold"] = "8K" };
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            settings, "serve", "--listen", $"{protocol}://127.0.0.1:0", "--queue", "proxy", "--relay", $"lmtp://127.0.0.1:{dovecot.Port}");
        await using RunningProgram owned = server;
        await using DialoguePeer client = await DialoguePeer.ConnectAsync(endPoint, Cover.Plain, Patience);
        Assert.StartsWith("220", (await client.ReadReplyAsync())![^1], StringComparison.Ordinal);
        foreach (string line in new[]
        {
            (protocol == "lmtp" ? "LHLO" : "EHLO") + " client.test", "MAIL FROM:<a@client.test>", "RCPT TO:<nobody-here@box.test>", "RCPT TO:<bob@box.test>", "RCPT TO:<eve@box.test>", "DATA",
        })
        {
            await client.SendLineAsync(line);
            Assert.True((await client.ReadReplyAsync())![^1][0] is '2' or '3', client.Transcript);
        }

        await client.SendLineAsync("Subject: x\r\n\r\n" + Large + ".");
        foreach (string answer in answers)
            Assert.StartsWith(answer, (await client.ReadReplyAsync())![^1], StringComparison.Ordinal);
        await client.SendLineAsync("QUIT");
        Assert.StartsWith("221", (await client.ReadReplyAsync())![^1], StringComparison.Ordinal);
        Assert.Contains("yyy", Assert.Single(await dovecot.WaitForMessagesAsync("eve", 1)), StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
        Assert.Empty(Directory.GetFileSystemEntries(folder["scratch"]));
        Assert.False(Directory.Exists("spool"));
    }
}
