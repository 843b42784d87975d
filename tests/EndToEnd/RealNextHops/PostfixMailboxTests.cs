using System.Net;
using System.Text;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.RealNextHops;

/// <summary>Delivery to a real Postfix, which puts the message into a mailbox.</summary>
public sealed class PostfixMailboxTests
{
    [FullFact("postfix", "/usr/lib/postfix/sbin/master", "/usr/sbin/smtp-source")]
    public async Task Postfix_mailbox_gets_the_message_as_sent()
    {
        const string Message =
            "From: a@client.test\r\nTo: somebody@hop.test\r\nSubject: dots\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <two@client.test>\r\n\r\n" +
            ".\r\n.a\r\n..b\r\nGr\u00fc\u00dfe\r\n\r\nEND-OF-TEST\r\n";
        using var folder = new TemporaryFolder();
        await using PostfixProgram postfix = await PostfixProgram.StartAsync();
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--relay", $"smtp://127.0.0.1:{postfix.Port}");
        await using RunningProgram stopped = server;
        string file = folder["message"];
        await File.WriteAllTextAsync(file, Message, new UTF8Encoding(false));

        (int code, string output) = await RunningProgram.RunAsync(SlimtafastProgram.Path,
            ["send", "--server", $"smtp://{endPoint}", "--from", "a@client.test", "--to", "somebody@hop.test", file]);

        Assert.True(code == 0, output);
        string arrived = Assert.Single(await postfix.WaitForMessagesAsync(1, TimeSpan.FromSeconds(30)));
        string sent = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Message)).Replace("\r\n", "\n", StringComparison.Ordinal);
        int start = arrived.IndexOf("From: a@client.test", StringComparison.Ordinal);
        Assert.Equal(sent, arrived[start..]);
        Assert.Equal(2, arrived[..start].Split('\n').Count(line => line.StartsWith("Received:", StringComparison.Ordinal)));
        Assert.Equal(0, await server.StopAsync());
    }
}
