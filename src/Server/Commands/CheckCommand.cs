using System.CommandLine;
using Microsoft.Extensions.Configuration;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast check</c>: tells every mistake in a configuration without starting anything.</summary>
internal static class CheckCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "check",
            """
            Validates a configuration and prints every mistake in it, each with its key; exit code 0 where there is none, 2 otherwise.

            Example:
              slimtafast check --config /etc/slimtafast.json
            """);
        var options = new SettingOptions(command);
        command.SetAction(parsed =>
        {
            IConfigurationRoot configuration = options.Load(parsed);
            ServeSettings settings = ServeSettings.Read(configuration, out IReadOnlyList<string> errors);
            if (errors.Count > 0)
                throw new UsageException(string.Join(Environment.NewLine, errors));
            parsed.InvocationConfiguration.Output.WriteLine($"The configuration is valid: {settings.Listen.Count + settings.Http.Listen.Count} listener(s), host name {settings.HostName}.");
            return 0;
        });
        return command;
    }
}
