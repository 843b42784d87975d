using System.Runtime.Versioning;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Programs;

/// <summary>Delivery by a real maildrop.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class MaildropTests
{
    private const string Message =
        "From: a@client.test\r\nTo: somebody@box.test\r\nSubject: dots\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <two@client.test>\r\n\r\n" +
        ".\r\n.a\r\n..b\r\nGr\u00fc\u00dfe\r\nFrom here\r\n\r\nEND-OF-TEST\r\n";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [FullFact("maildrop", "maildirmake.maildrop", "/usr/sbin/useradd")]
    public async Task Mailbox_of_a_user_gets_the_message_as_sent_and_a_stranger_bounces()
    {
        using var folder = new TemporaryFolder();
        string home = folder["home"];
        Directory.CreateDirectory(home);
        await RunningProgram.RunAsync("maildirmake.maildrop", [$"{home}/Maildir"], limit: Limit);
        await File.WriteAllTextAsync($"{home}/.mailfilter", $"to \"{home}/Maildir\"\n");
        File.SetUnixFileMode($"{home}/.mailfilter", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using TemporaryUser user = await TemporaryUser.CreateAsync(home);
        await using ProgramServer server = await ProgramServer.StartAsync(folder, "maildrop:?processes=3");

        await server.SendAsync(folder, Message, "a@client.test", $"{user.Name}@box.test", "no-such-user-here@box.test");
        await server.SendAsync(folder, Message, "", $"{user.Name}@box.test");

        IReadOnlyList<string> files = await MailFolder.WaitAsync($"{home}/Maildir/new", 2, Limit, () => server.Program.Output);
        foreach (string arrived in files.Select(MailFolder.Read))
        {
            Assert.Equal(Message.Replace("\r\n", "\n", StringComparison.Ordinal), arrived[arrived.IndexOf("From: a@client.test", StringComparison.Ordinal)..]);
            Assert.StartsWith("Return-Path: <", arrived, StringComparison.Ordinal);
            Assert.Contains("\nReceived: from ", arrived, StringComparison.Ordinal);
        }

        Assert.Single(files, file => MailFolder.Read(file).StartsWith("Return-Path: <>\n", StringComparison.Ordinal));
        await server.Program.WaitForLineAsync(static line => line.Contains("Invalid user specified", StringComparison.Ordinal) && line.Contains("550 5.1.1", StringComparison.Ordinal), Limit);
        Assert.Equal(0, await server.Program.StopAsync());
        Assert.Equal(2, Directory.GetFiles($"{home}/Maildir/new").Length);
    }

    [FullFact("maildrop", "maildirmake.maildrop")]
    public async Task Filter_file_refuses_puts_off_and_delivers_octet_for_octet()
    {
        using var folder = new TemporaryFolder();
        await RunningProgram.RunAsync("maildirmake.maildrop", [folder["Maildir"]], limit: Limit);
        await File.WriteAllTextAsync(folder["filter"], $$"""
            if (/^Subject: *reject/)
            {
              echo "5.7.1 refused by filter"
              EXITCODE=77
              exit
            }
            if (/^Subject: *later/)
            {
              `test -f {{folder["tried"]}}`
              if ($RETURNCODE != 0)
              {
                `touch {{folder["tried"]}}`
                EXITCODE=75
                exit
              }
            }
            to "{{folder["Maildir"]}}"

            """);
        File.SetUnixFileMode(folder["filter"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using ProgramServer server = await ProgramServer.StartAsync(folder, $"pipe:maildrop -f {{sender}} {folder["filter"]}");

        await server.SendAsync(folder, Message, "a@client.test", "x@box.test");
        await server.SendAsync(folder, Message.Replace("dots", "reject", StringComparison.Ordinal), "", "x@box.test");
        await server.Program.WaitForLineAsync(static line => line.Contains("550 5.7.1 maildrop: refused by filter", StringComparison.Ordinal), Limit);
        await server.SendAsync(folder, Message.Replace("dots", "later", StringComparison.Ordinal), "a@client.test", "x@box.test");
        await server.Program.WaitForLineAsync(static line => line.Contains("450 4.3.0", StringComparison.Ordinal), Limit);

        IReadOnlyList<string> files = await MailFolder.WaitAsync(folder["Maildir/new"], 2, Limit, () => server.Program.Output);
        string arrived = MailFolder.Read(Assert.Single(files, static file => MailFolder.Read(file).Contains("\nSubject: dots\n", StringComparison.Ordinal)));
        Assert.StartsWith("Received: from ", arrived, StringComparison.Ordinal);
        Assert.Equal(Message.Replace("\r\n", "\n", StringComparison.Ordinal), arrived[arrived.IndexOf("From: a@client.test", StringComparison.Ordinal)..]);
        Assert.Single(files, static file => MailFolder.Read(file).Contains("\nSubject: later\n", StringComparison.Ordinal));
        Assert.Equal(0, await server.Program.StopAsync());
    }
}
