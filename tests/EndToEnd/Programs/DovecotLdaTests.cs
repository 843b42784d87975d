using SlimtaFast.EndToEnd.Tests.RealNextHops;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Programs;

/// <summary>Delivery by a real dovecot-lda.</summary>
public sealed class DovecotLdaTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [FullFact("/usr/sbin/dovecot", "/usr/lib/dovecot/dovecot-lda")]
    public async Task Mailboxes_get_the_message_as_sent_and_full_or_unknown_ones_bounce()
    {
        const string Message =
            "From: a@client.test\r\nTo: bob@box.test\r\nSubject: dots\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <two@client.test>\r\n\r\n" +
            ".\r\n.a\r\n..b\r\nGr\u00fc\u00dfe\r\nFrom here\r\n\r\nEND-OF-TEST\r\n";
        using var folder = new TemporaryFolder();
        await using DovecotProgram dovecot = await DovecotProgram.StartAsync();
        await using ProgramServer server = await ProgramServer.StartAsync(
            folder, "dovecot-lda:", ("Pipe:ExtraArguments:0", "-c"), ("Pipe:ExtraArguments:1", dovecot.Configuration));

        await server.SendAsync(folder, Message, "a@client.test", "bob@box.test", "eve@box.test", "nobody-here@box.test", "-d@box.test");
        await server.SendAsync(folder, Message, "", "eve@box.test");
        string large = Message.Replace("END-OF-TEST", string.Concat(Enumerable.Repeat(new string('y', 900) + "\r\n", 33)), StringComparison.Ordinal);
        await server.SendAsync(folder, large, "-a@client.test", "bob@box.test", "eve@box.test");

        string sent = Message.Replace("\r\n", "\n", StringComparison.Ordinal);
        string bob = Assert.Single(await dovecot.WaitForMessagesAsync("bob", 1));
        Assert.Equal(sent, bob[bob.IndexOf("From: a@client.test", StringComparison.Ordinal)..]);
        Assert.StartsWith("Return-Path: <a@client.test>\nReceived: from ", bob, StringComparison.Ordinal);
        IReadOnlyList<string> eve = await dovecot.WaitForMessagesAsync("eve", 3);
        Assert.Equal(3, eve.Count);
        Assert.Single(eve, static message => message.StartsWith("Return-Path: <>\n", StringComparison.Ordinal));
        Assert.Single(eve, message => message.EndsWith(large.Replace("\r\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal));
        await server.Program.WaitForLineAsync(static line => line.Contains("mailbox full", StringComparison.Ordinal) && line.Contains("550 5.7.0", StringComparison.Ordinal), Limit);
        await server.Program.WaitForLineAsync(static line => line.Contains("550 5.1.1 dovecot-lda:", StringComparison.Ordinal), Limit);
        Assert.Equal(0, await server.Program.StopAsync());
        Assert.Single(await dovecot.WaitForMessagesAsync("bob", 1));
    }
}
