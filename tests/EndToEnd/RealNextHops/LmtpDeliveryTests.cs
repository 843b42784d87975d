using System.Net;
using System.Runtime.Versioning;
using System.Text;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.RealNextHops;

/// <summary>Delivery by LMTP: to a real Dovecot, and from one of our servers to another.</summary>
public sealed class LmtpDeliveryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [FullFact("/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp")]
    public async Task Dovecot_takes_over_tcp_and_over_its_socket_and_answers_for_each_recipient()
    {
        await using DovecotProgram dovecot = await DovecotProgram.StartAsync();
        int expected = 0;
        foreach (string relay in new[] { $"lmtp://127.0.0.1:{dovecot.Port}", $"lmtp+unix:{dovecot.Socket}" })
        {
            using var folder = new TemporaryFolder();
            (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
                "serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--relay", relay);
            await using RunningProgram owned = server;
            await SendAsync(endPoint, folder, "short", ["bob@box.test", "eve+tag@box.test", "nobody-here@box.test"]);
            await SendAsync(endPoint, folder, new string('x', 900) + string.Concat(Enumerable.Repeat("\r\n" + new string('y', 900), 33)), ["bob@box.test", "eve@box.test"]);
            expected++;

            Assert.All(await dovecot.WaitForMessagesAsync("bob", expected), message => Assert.Contains("\nshort", message, StringComparison.Ordinal));
            IReadOnlyList<string> eve = await dovecot.WaitForMessagesAsync("eve", 2 * expected);
            Assert.Equal(expected, eve.Count(message => message.Contains("\nyyy", StringComparison.Ordinal)));
            await server.WaitForLineAsync(line => line.Contains("552", StringComparison.Ordinal) || line.Contains("mailbox full", StringComparison.Ordinal), Limit);
            await server.WaitForLineAsync(line => line.Contains("550", StringComparison.Ordinal) || line.Contains("doesn't exist", StringComparison.Ordinal), Limit);
            Assert.Equal(0, await server.StopAsync());
        }

        Assert.Equal(2, (await dovecot.WaitForMessagesAsync("bob", 2)).Count);
    }

    [FullFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Our_own_server_takes_lmtp_over_a_socket_and_leaves_none_behind()
    {
        using var folder = new TemporaryFolder();
        string socket = folder["lmtp"];
        (RunningProgram sink, IPEndPoint end) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        await using RunningProgram inner = RunningProgram.Start(
            SlimtafastProgram.Path,
            ["serve", "--listen", $"lmtp+unix:{socket}?mode=0600", "--storage", $"disk:{folder["inner"]}", "--relay", $"smtp://{end}"]);
        await inner.WaitForLineAsync(line => line.Contains(socket, StringComparison.Ordinal), Limit);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        (RunningProgram outer, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["outer"]}", "--relay", $"lmtp+unix:{socket}");
        await using RunningProgram ownedOuter = outer;

        await SendAsync(endPoint, folder, "by way of a socket", ["a@x.test", "b@x.test"]);

        await sink.WaitForLineAsync(line => line == "by way of a socket", Limit);
        Assert.Contains(" with LMTP", sink.Output, StringComparison.Ordinal);
        Assert.Equal(0, await outer.StopAsync());
        Assert.Equal(0, await inner.StopAsync());
        Assert.False(File.Exists(socket));
    }

    private static async Task SendAsync(IPEndPoint server, TemporaryFolder folder, string body, IEnumerable<string> recipients)
    {
        string file = folder["message"];
        await File.WriteAllTextAsync(file, $"From: a@client.test\r\nSubject: lmtp\r\n\r\n{body}\r\n", Encoding.ASCII);
        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path,
            ["send", "--server", $"smtp://{server}", "--from", "a@client.test", .. recipients.SelectMany(r => new[] { "--to", r }), file]);
        Assert.True(code == 0, output);
    }
}
