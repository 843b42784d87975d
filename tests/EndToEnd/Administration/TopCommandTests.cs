using System.Globalization;
using System.Text.RegularExpressions;
using SlimtaFast.EndToEnd.Tests.Page;
using SlimtaFast.TestKit.Http;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Administration;

/// <summary><c>slimtafast top</c> as it draws on a terminal.</summary>
public sealed class TopCommandTests
{
    private const string Usual = "alternate 0 cursor 1 wrap 1 keypad 0 0";
    private const string Hostile = "\u001b[2J\u001b]0;owned\u0007\u001b[?1049l \u202egnp.exe \u009b31m";

    [FullTheory("tmux")]
    [InlineData("q")]
    [InlineData("C-c")]
    public async Task It_draws_follows_the_size_and_leaves_the_terminal_as_it_was(string key)
    {
        using var folder = new TemporaryFolder();
        await using var hop = new RefusingHop("450 4.2.1 Come back");
        await using PagedServer server = await PagedServer.StartAsync("disk:" + folder["spool"], string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{hop.Port}"));
        string id = await server.SendAsync("alice@client.test", "bob@ours.test");
        await using TmuxTerminal terminal = await TmuxTerminal.StartAsync(100, 30);
        await terminal.TypeLineAsync($"stty -g > {folder["before"]}; echo 'what stood here'");
        await terminal.WaitAsync(static screen => screen.Contains("\nwhat stood here\n$", StringComparison.Ordinal));
        Assert.Equal(Usual, await terminal.ReadModesAsync());

        await terminal.TypeLineAsync($"{SlimtafastProgram.Path} top --admin {server.Address}; echo \"ended with $?\"; stty -g > {folder["after"]}");
        string screen = await terminal.WaitAsync(screen => screen.StartsWith(server.Address, StringComparison.Ordinal) && screen.Contains(id, StringComparison.Ordinal));
        Assert.DoesNotContain("what stood here", screen, StringComparison.Ordinal);
        Assert.Matches(@"\naccepted +\S+ +\S+ +1 messages\n", screen);
        Assert.StartsWith("alternate 1 cursor 0 wrap 0", await terminal.ReadModesAsync(), StringComparison.Ordinal);
        Assert.Contains("\u001b[1m" + server.Address, await terminal.ReadColouredAsync(), StringComparison.Ordinal);

        // It is drawn again without a key or a change of size.
        await terminal.WaitAsync(next => Counted(next) != Counted(screen));
        await server.SendAsync("alice@client.test", "carol@else.test");
        await terminal.WaitAsync(static next => Regex.IsMatch(next, @"\naccepted +\S+ +\S+ +2 messages\n"));

        // Lines end where the terminal does, and there are as many as it has; it shows more again when there is more room.
        await terminal.ResizeAsync(40, 6);
        screen = await terminal.WaitAsync(next => !next.Contains("bounced", StringComparison.Ordinal) && next.StartsWith(server.Address, StringComparison.Ordinal));
        Assert.InRange(screen.TrimEnd().Split('\n').Length, 1, 5);
        await terminal.ResizeAsync(120, 40);
        await terminal.WaitAsync(next => next.Contains(id, StringComparison.Ordinal));

        // The prompt is awaited too: what is typed before it stands above it.
        await terminal.PressAsync(key);
        screen = await terminal.WaitAsync(static next => next.Contains("\nended with 0\n$", StringComparison.Ordinal));
        Assert.Contains("what stood here", screen, StringComparison.Ordinal);
        Assert.DoesNotContain(id, screen, StringComparison.Ordinal);
        await terminal.TypeLineAsync("echo typed");
        await terminal.WaitAsync(static next => next.Contains("\ntyped\n", StringComparison.Ordinal) && next.Contains("$ echo typed", StringComparison.Ordinal));
        Assert.Equal(Usual, await terminal.ReadModesAsync());
        Assert.Equal(await File.ReadAllTextAsync(folder["before"]), await File.ReadAllTextAsync(folder["after"]));
    }

    [FullFact("tmux")]
    public async Task What_strangers_wrote_changes_nothing_on_the_terminal()
    {
        using var folder = new TemporaryFolder();
        await using RawHttpServer hop = RawHttpServer.Answering($"HTTP/1.1 407 {Hostile} gone\r\nContent-Length: 0\r\n\r\n");
        await using PagedServer server = await PagedServer.StartAsync("disk:" + folder["spool"], hop.Url.AbsoluteUri);
        await server.SendAsync("alice@client.test", "bob@ours.test");
        await using TmuxTerminal terminal = await TmuxTerminal.StartAsync(220, 30);
        await terminal.TypeLineAsync($"{SlimtafastProgram.Path} top --admin {server.Address}");
        string screen = await terminal.WaitAsync(static screen => screen.Contains("down: 451 4.7.8 HTTP 407", StringComparison.Ordinal));
        Assert.StartsWith(server.Address, screen, StringComparison.Ordinal);
        Assert.Matches(@"\naccepted +\S+ +\S+ +1 messages\n", screen);
        Assert.StartsWith("alternate 1 cursor 0 wrap 0", await terminal.ReadModesAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("owned", await terminal.ReadTitleAsync(), StringComparison.Ordinal);
        Assert.Matches("HTTP 407 .*\\[2J.*]0;owned.*\\[\\?1049l.*gnp.exe.*31m gone", screen);
        Assert.DoesNotContain(screen, static letter => letter != '\n' && (char.IsControl(letter) || letter == '\u202e'));

        // What does not fit is left out, and pushes nothing down.
        await terminal.ResizeAsync(70, 30);
        screen = await terminal.WaitAsync(static next => next.Contains("next hop ", StringComparison.Ordinal) && !next.Contains("owned", StringComparison.Ordinal));
        Assert.Matches(@"\nnext hop .*\n.* down: 4", screen);
    }

    private static string Counted(string screen) => Regex.Match(screen, "counted for .*").Value;
}
