using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Administration;

/// <summary>A terminal, played by tmux with a server of its own, in which a shell runs what the test types.</summary>
internal sealed class TmuxTerminal : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder;

    private TmuxTerminal(TemporaryFolder folder) => _folder = folder;

    public static async Task<TmuxTerminal> StartAsync(int columns, int lines)
    {
        var terminal = new TmuxTerminal(new TemporaryFolder());
        try
        {
            await terminal.RunAsync("new-session", "-d", "-x", Text(columns), "-y", Text(lines), "env", "PS1=$ ", "NO_COLOR=", "LC_ALL=C.UTF-8", "sh");
            await terminal.WaitAsync(static screen => screen.StartsWith('$'));
            return terminal;
        }
        catch
        {
            await terminal.DisposeAsync();
            throw;
        }
    }

    /// <summary>What stands on the screen; spaces at the ends of lines are left out.</summary>
    public async Task<string> ReadAsync() => await RunAsync("capture-pane", "-p");

    /// <summary>What stands on the screen, its colours included.</summary>
    public async Task<string> ReadColouredAsync() => await RunAsync("capture-pane", "-p", "-e");

    /// <summary>Whether the other screen, the cursor, the end of lines, and the keys are as a program wants them, in numbers.</summary>
    public async Task<string> ReadModesAsync() =>
        (await RunAsync("display-message", "-p", "alternate #{alternate_on} cursor #{cursor_flag} wrap #{wrap_flag} keypad #{keypad_flag} #{keypad_cursor_flag}")).Trim();

    /// <summary>What programs called the window.</summary>
    public async Task<string> ReadTitleAsync() => await RunAsync("display-message", "-p", "#{pane_title}");

    /// <summary>Types a line.</summary>
    public async Task TypeLineAsync(string line)
    {
        await RunAsync("send-keys", "-l", line);
        await PressAsync("Enter");
    }

    /// <summary>Presses a key, by the name that tmux has for it.</summary>
    public async Task PressAsync(string key) => await RunAsync("send-keys", key);

    /// <summary>Gives the terminal another size, as one does who draws at the window's corner.</summary>
    public async Task ResizeAsync(int columns, int lines) => await RunAsync("resize-window", "-x", Text(columns), "-y", Text(lines));

    /// <summary>Waits until the screen is as wished, and returns it.</summary>
    public async Task<string> WaitAsync(Func<string, bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            string screen = await ReadAsync();
            if (isSo(screen))
                return screen;
            try
            {
                await poll.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The screen stays:\n{screen}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Where it did not begin there is nothing to end.
        await RunningProgram.RunAsync("tmux", ["-S", _folder["socket"], "kill-server"]);
        _folder.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<string> RunAsync(params string[] command)
    {
        (int code, string output) = await RunningProgram.RunAsync("tmux", ["-u", "-f", "/dev/null", "-S", _folder["socket"], .. command]);
        return code == 0 ? output : throw new InvalidOperationException($"tmux {string.Join(' ', command)}: {output}");
    }
}
