using System.CommandLine;
using System.Text;
using System.Text.Json;
using SlimtaFast.Server.Administration;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast top</c>: how a running server is doing, drawn again each second.</summary>
internal static class TopCommand
{
    private const string OtherScreen = "\e[?1049h\e[?25l";
    private const string UsualScreen = "\e[?25h\e[?1049l";
    private const string Home = "\e[H";
    private const string EndOfLine = "\e[K\n";
    private const string RestOfScreen = "\e[J";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<bool> once = new("--once") { Description = "Print it once, as plain text." };
        var command = new Command(
            "top",
            """
            Shows how a running server is doing, drawn again each second until Ctrl-C: rates, time from 250 to delivery, flushes, the queue,
            its oldest message, and the next hops with most to do. Asks the admin listener (Admin:Listen, Admin:TokenFile).

            Where the output is no terminal it is printed each second, one after the other. NO_COLOR switches colours off.

            Examples:
              slimtafast top
              slimtafast top --once --admin http://10.0.0.5:2580 --token-file /etc/slimtafast/admin-token
            """) { once };
        var server = new AdminServerOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminApi api = await server.OpenAsync(parsed, cancellationToken);
            TextWriter output = parsed.InvocationConfiguration.Output;
            JsonElement first = await api.GetAsync("live", cancellationToken);
            bool isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && !parsed.GetValue(once);
            if (parsed.GetValue(once))
            {
                await PrintAsync(output, TopScreen.Draw(first, api.Server, colours: false, width: 0, height: 0));
                return 0;
            }

            using var interrupt = new Interrupt(cancellationToken);
            if (isTerminal)
                await DrawAsync(api, output, first, interrupt.Token);
            else
                await RepeatAsync(api, output, first, interrupt.Token);
            return 0;
        });
        return command;
    }

    private static async Task PrintAsync(TextWriter output, IReadOnlyList<string> lines)
    {
        foreach (string line in lines)
            await output.WriteLineAsync(line);
        await output.FlushAsync();
    }

    private static async Task RepeatAsync(AdminApi api, TextWriter output, JsonElement first, CancellationToken stop)
    {
        IReadOnlyList<string> lines = TopScreen.Draw(first, api.Server, colours: false, width: 0, height: 0);
        while (true)
        {
            await PrintAsync(output, lines);
            await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            await output.WriteLineAsync();
            lines = await AskAsync(api, colours: false, width: 0, height: 0, stop);
        }
    }

    private static async Task DrawAsync(AdminApi api, TextWriter output, JsonElement first, CancellationToken stop)
    {
        // https://no-color.org: any value but an empty one.
        bool colours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        IReadOnlyList<string> lines = TopScreen.Draw(first, api.Server, colours, Console.WindowWidth, Console.WindowHeight - 1);
        await output.WriteAsync(OtherScreen);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var screen = new StringBuilder(Home);
                foreach (string line in lines)
                    screen.Append(line).Append(EndOfLine);
                await output.WriteAsync(screen.Append(RestOfScreen), CancellationToken.None);
                await output.FlushAsync(CancellationToken.None);
                await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!stop.IsCancellationRequested)
                    lines = await AskAsync(api, colours, Console.WindowWidth, Console.WindowHeight - 1, stop);
            }
        }
        finally
        {
            await output.WriteAsync(UsualScreen);
            await output.FlushAsync(CancellationToken.None);
        }
    }

    // A server that is restarted is waited for; what it says of itself meanwhile stands where its figures were.
    private static async Task<IReadOnlyList<string>> AskAsync(AdminApi api, bool colours, int width, int height, CancellationToken stop)
    {
        try
        {
            return TopScreen.Draw(await api.GetAsync("live", stop), api.Server, colours, width, height);
        }
        catch (IOException away)
        {
            return [away.Message];
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return [];
        }
    }
}
