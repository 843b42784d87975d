using System.CommandLine;
using System.Text.Json;
using SlimtaFast.Server.Administration;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast top</c>: how a running server is doing, drawn again each second.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<bool> once = new("--once") { Description = "Print it once, as plain text." };
        var command = new Command(
            "top",
            """
            Shows how a running server is doing, drawn again each second until q or Ctrl-C: rates, time from 250 to delivery, flushes, the queue,
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
            lines = await AskAsync(api, stop);
        }
    }

    private static async Task DrawAsync(AdminApi api, TextWriter output, JsonElement first, CancellationToken stop)
    {
        // https://no-color.org: any value but an empty one.
        bool colours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        using var terminal = new DrawnTerminal(output, stop);
        JsonElement live = first;
        string? trouble = null;
        while (!terminal.IsLeft)
        {
            await terminal.ShowAsync(trouble is null ? TopScreen.Draw(live, api.Server, colours, DrawnTerminal.Width, DrawnTerminal.Height) : [trouble]);
            if (!await terminal.WaitAsync(Pause))
                continue;
            try
            {
                (live, trouble) = (await api.GetAsync("live", terminal.Left), null);
            }
            catch (IOException away)
            {
                // As below.
                trouble = away.Message;
            }
            catch (OperationCanceledException) when (terminal.IsLeft)
            {
                // Nobody looks any more.
            }
        }
    }

    // A server that is restarted is waited for; what is said of that meanwhile stands where its figures were.
    private static async Task<IReadOnlyList<string>> AskAsync(AdminApi api, CancellationToken stop)
    {
        try
        {
            return TopScreen.Draw(await api.GetAsync("live", stop), api.Server, colours: false, width: 0, height: 0);
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
