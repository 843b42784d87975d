using System.Net;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Server.Tests.Processes;

/// <summary>The samples do what they say, as programs.</summary>
public sealed class SampleTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Receive_gets_messages_as_objects()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sample, IPEndPoint endPoint) = await ListenAsync("Receive", folder);
        await using RunningProgram owned = sample;
        await SendAsync(endPoint, "b@example.org", "for the inbox");
        await sample.WaitForLineAsync(line => line == "from a@client.test: for the inbox", Limit);
        await EndAsync(sample);
    }

    [Fact]
    public async Task Send_keeps_its_message_until_the_next_hop_is_there()
    {
        using var folder = new TemporaryFolder();
        int port = RunningProgram.FreePort();
        await using (RunningProgram first = Start("Send", folder, "127.0.0.1", $"{port}"))
        {
            await first.WaitForLineAsync(line => line.StartsWith("250 2", StringComparison.Ordinal), Limit);
            await EndAsync(first);
        }

        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        await using RunningProgram second = Start("Send", folder, "127.0.0.1", $"{hop.Port}");
        await second.WaitForLineAsync(line => line.StartsWith("250 2", StringComparison.Ordinal), Limit);
        // Its own, and that of the first time.
        await WaitForCountAsync(sink, "Subject: Your order", 2);
        Assert.Contains("MAIL FROM:<shop@example.org>", sink.Output, StringComparison.Ordinal);
        await EndAsync(second);
    }

    [Fact]
    public async Task Hook_lets_only_known_recipients_in()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram sample, IPEndPoint endPoint) = await ListenAsync("Hook", folder, "127.0.0.1", $"{hop.Port}");
        await using RunningProgram owned = sample;
        SmtpCommandException refused = await Assert.ThrowsAsync<SmtpCommandException>(() => SendAsync(endPoint, "nobody@example.org", "refused"));
        Assert.Equal(SmtpStatusCode.MailboxUnavailable, refused.StatusCode);
        Assert.Contains("No such mailbox here", refused.Message, StringComparison.Ordinal);
        await SendAsync(endPoint, "info@example.org", "known");
        await sink.WaitForLineAsync(line => line == "Subject: known", Limit);
        await EndAsync(sample);
    }

    [Fact]
    public async Task Policy_labels_and_refuses()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram sample, IPEndPoint endPoint) = await ListenAsync("Policy", folder, "127.0.0.1", $"{hop.Port}");
        await using RunningProgram owned = sample;
        SmtpCommandException refused = await Assert.ThrowsAsync<SmtpCommandException>(() => SendAsync(endPoint, "sms-1@example.org", "large", 100_000));
        Assert.Contains("Too large for a telephone", refused.Message, StringComparison.Ordinal);
        await SendAsync(endPoint, "sms-1@example.org", "fits");
        await sink.WaitForLineAsync(line => line == "Subject: fits", Limit);
        Assert.Contains("X-Size: small", sink.Output, StringComparison.Ordinal);
        await EndAsync(sample);
    }

    [Fact]
    public async Task Own_storage_keeps_mail_through_a_kill()
    {
        using var folder = new TemporaryFolder();
        string database = folder["queue.db"];
        (RunningProgram killed, IPEndPoint endPoint) = await ListenAsync("OwnStorage", folder, database, "127.0.0.1", $"{RunningProgram.FreePort()}");
        await using (killed)
        {
            await SendAsync(endPoint, "b@hop.test", "through a kill");
            killed.Kill();
            await killed.WaitForExitAsync(Limit);
        }

        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram again, _) = await ListenAsync("OwnStorage", folder, database, "127.0.0.1", $"{hop.Port}");
        await using RunningProgram owned = again;
        await sink.WaitForLineAsync(line => line == "Subject: through a kill", Limit);
        await EndAsync(again);
    }

    [Fact]
    public async Task Application_takes_the_mail_of_its_domain()
    {
        using var folder = new TemporaryFolder();
        await using RunningProgram sample = Start("Application", folder, "Mail:Domain=example.org", "Mail:Port=0", $"Mail:Directory={folder["spool"]}");
        string line = await sample.WaitForLineAsync(l => l.Contains("listening on ", StringComparison.Ordinal), Limit);
        IPEndPoint endPoint = IPEndPoint.Parse(line[(line.IndexOf("listening on ", StringComparison.Ordinal) + "listening on ".Length)..].Trim());
        await SendAsync(endPoint, "help@example.org", "it is broken");
        await sample.WaitForLineAsync(l => l.Contains("ticket 1: it is broken", StringComparison.Ordinal), Limit);
        Assert.Equal(0, await sample.StopAsync());
    }

    private static RunningProgram Start(string name, TemporaryFolder folder, params string[] arguments)
    {
        // From its own folder: the frameworks of these tests are not those of the sample.
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        return RunningProgram.Start(RepositoryTree.Find(Path.Combine("samples", name, "bin", configuration, "net10.0", file)), arguments, folder.Path);
    }

    private static async Task<(RunningProgram Sample, IPEndPoint EndPoint)> ListenAsync(string name, TemporaryFolder folder, params string[] arguments)
    {
        RunningProgram sample = Start(name, folder, arguments);
        string line = await sample.WaitForLineAsync(l => l.StartsWith("listening on ", StringComparison.Ordinal), Limit);
        return (sample, IPEndPoint.Parse(line["listening on ".Length..]));
    }

    private static async Task EndAsync(RunningProgram sample)
    {
        sample.CloseInput();
        Assert.Equal(0, await sample.WaitForExitAsync(Limit));
    }

    private static async Task WaitForCountAsync(RunningProgram program, string line, int count)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (program.Output.Split('\n').Count(l => l == line) < count)
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
    }

    private static async Task SendAsync(IPEndPoint server, string to, string subject, int octets = 10)
    {
        using var client = new SmtpClient();
        await client.ConnectAsync(server.Address.ToString(), server.Port, SecureSocketOptions.None);
        using var message = new MimeMessage([new MailboxAddress("", "a@client.test")], [new MailboxAddress("", to)], subject, new TextPart { Text = new string('x', Math.Min(octets, 60)) + string.Concat(Enumerable.Repeat("\n" + new string('y', 60), octets / 60)) });
        await client.SendAsync(message);
        await client.DisconnectAsync(true);
    }
}
