using System.CommandLine;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast work</c>: a process that delivers and does not listen, one of any number on a storage that they share.</summary>
internal static class WorkCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "work",
            """
            Delivers what other processes put into a storage, or a broker's queues, that they share, without listening. Prints "working" when ready; SIGTERM stops it
            gracefully. Any number of workers may run at once, beside servers that deliver themselves or, with --relay hold:, only receive: each
            message is attempted by one of them at a time, and a worker that dies is made up for by the others.

            It reads the configuration of "slimtafast serve"; what is about clients is not used.

            Examples:
              slimtafast serve --listen 0.0.0.0:25 --storage redis://10.0.0.5 --relay hold:
              slimtafast work --storage redis://10.0.0.5 --relay mx:
              slimtafast work --queue amqp://10.0.0.5,10.0.0.6,10.0.0.7 --relay mx:
            """);
        var options = new SettingOptions(command, forWork: true);
        command.SetAction((parsed, cancellationToken) =>
            ServeCommand.RunAsync(options.From(parsed), static settings => settings.ForWork(), "working", parsed.InvocationConfiguration.Output, cancellationToken));
        return command;
    }
}
