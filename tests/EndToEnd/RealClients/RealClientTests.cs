using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using MimeKit;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.RealClients;

/// <summary>Mail from real clients goes through the running server, disk storage included, to a real next hop.</summary>
public sealed class RealClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Dots at line starts, 8-bit text, trailing blanks, folded header, an empty line at the end: what careless software changes.
    private const string Message =
        "From: sender@client.test\r\nTo: rcpt@hop.test\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n folded subject\r\n" +
        "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <one@client.test>\r\nMIME-Version: 1.0\r\n" +
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
        ".\r\n..\r\n.leading dot\r\nGr\u00fc\u00dfe, \u65e5\u672c\u8a9e  \r\n\ttab\r\n\r\nEND-OF-TEST\r\n";

    [FullFact("smtp-sink", "swaks")]
    public async Task Swaks_message_arrives_as_sent_behind_one_received_field()
    {
        await ThroughServerAsync(async (endPoint, folder) =>
        {
            string file = folder["message"];
            await File.WriteAllTextAsync(file, Message, new UTF8Encoding(false));
            (int code, string output) = await RunningProgram.RunAsync("swaks",
                ["--server", endPoint.ToString(), "--from", "sender@client.test", "--to", "rcpt@hop.test", "--data", "@" + file]);
            Assert.True(code == 0, output);
        });
    }

    [FullFact("smtp-sink", "/usr/bin/python3")]
    public async Task Python_smtplib_message_arrives_as_sent_behind_one_received_field()
    {
        await ThroughServerAsync(async (endPoint, folder) =>
        {
            string file = folder["message"], script = folder["send_one.py"];
            await File.WriteAllTextAsync(file, Message, new UTF8Encoding(false));
            await File.WriteAllTextAsync(script,
                "import smtplib, sys\nwith smtplib.SMTP(sys.argv[1], int(sys.argv[2])) as s:\n" +
                "    assert s.sendmail('sender@client.test', ['rcpt@hop.test'], open(sys.argv[3], 'rb').read(), ['BODY=8BITMIME']) == {}\n");
            (int code, string output) = await RunningProgram.RunAsync("/usr/bin/python3",
                [script, endPoint.Address.ToString(), $"{endPoint.Port}", file]);
            Assert.True(code == 0, output);
        });
    }

    [FullFact("smtp-sink")]
    public async Task MailKit_message_arrives_as_sent_behind_one_received_field()
    {
        await ThroughServerAsync(async (endPoint, _) =>
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(Message));
            using MimeMessage message = await MimeMessage.LoadAsync(stream);
            using var client = new MailKit.Net.Smtp.SmtpClient();
            await client.ConnectAsync(endPoint.Address.ToString(), endPoint.Port, MailKit.Security.SecureSocketOptions.None);
            await client.SendAsync(message, new MailboxAddress("", "sender@client.test"), [new MailboxAddress("", "rcpt@hop.test")]);
            await client.DisconnectAsync(true);
        });
    }

    [FullFact("smtp-sink", "smtp-source")]
    public async Task Smtp_source_messages_all_arrive_once()
    {
        const int Messages = 500;
        using var folder = new TemporaryFolder();
        await using SmtpSinkProgram sink = await SmtpSinkProgram.StartAsync();
        (RunningProgram server, IPEndPoint endPoint) = await StartServerAsync(folder, sink.Port);
        await using RunningProgram stopped = server;

        (int code, string output) = await RunningProgram.RunAsync("smtp-source",
            ["-s", "20", "-m", $"{Messages}", "-l", "4096", "-f", "sender@client.test", "-t", "rcpt@hop.test", $"{endPoint}"]);

        Assert.True(code == 0, output);
        Assert.Equal(Messages, (await sink.WaitForMessagesAsync(Messages, Limit)).Count);
        Assert.Equal(0, await server.StopAsync());
    }

    private static async Task ThroughServerAsync(Func<IPEndPoint, TemporaryFolder, Task> send)
    {
        using var folder = new TemporaryFolder();
        await using SmtpSinkProgram sink = await SmtpSinkProgram.StartAsync();
        (RunningProgram server, IPEndPoint endPoint) = await StartServerAsync(folder, sink.Port);
        await using RunningProgram stopped = server;

        await send(endPoint, folder);

        string arrived = Assert.Single(await sink.WaitForMessagesAsync(1, Limit));
        string sent = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Message)).Replace("\r\n", "\n", StringComparison.Ordinal);
        int start = arrived.IndexOf("From: sender@client.test", StringComparison.Ordinal);
        Assert.True(start > 0, arrived);
        Assert.Equal(sent.TrimEnd('\n'), arrived[start..].TrimEnd('\n'));
        // Two Received fields stand before it: smtp-sink's own first, then ours.
        string[] trace = arrived[..start].Split('\n');
        Assert.Equal(2, trace.Count(line => line.StartsWith("Received:", StringComparison.Ordinal)));
        Assert.DoesNotContain(trace, line => line.StartsWith("Date:", StringComparison.Ordinal) || line.StartsWith("Message-I", StringComparison.OrdinalIgnoreCase));
        server.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await server.WaitForExitAsync(Limit));
    }

    private static Task<(RunningProgram Program, IPEndPoint EndPoint)> StartServerAsync(TemporaryFolder folder, int sinkPort) =>
        SlimtafastProgram.ListenAsync("serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--relay", $"smtp://127.0.0.1:{sinkPort}");
}
