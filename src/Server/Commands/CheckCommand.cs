using System.CommandLine;
using Microsoft.Extensions.Configuration;
using SlimtaFast.Queue.RabbitMq;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Schema;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast check</c>: tells every mistake in a configuration without starting anything.</summary>
internal static class CheckCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var connect = new Option<bool>("--connect") { Description = "Also connect to the broker of --queue, and tell what is wrong with it; exit code 1 where something is." };
        var schema = new Option<bool>("--schema") { Description = "Only print the JSON schema of configuration files, for editors." };
        var command = new Command(
            "check",
            """
            Validates a configuration and prints every mistake in it, each with its key; exit code 0 where there is none, 2 otherwise.

            Examples:
              slimtafast check --config /etc/slimtafast.json
              slimtafast check --connect --queue amqp://10.0.0.5,10.0.0.6,10.0.0.7
              slimtafast check --schema > slimtafast.schema.json
            """)
        {
            connect, schema,
        };
        var options = new SettingOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(schema))
            {
                await output.WriteAsync(ConfigurationSchema.Write());
                return 0;
            }

            IConfigurationRoot configuration = options.Load(parsed);
            ServeSettings settings = ServeSettings.Read(configuration, out IReadOnlyList<string> errors);
            if (errors.Count > 0)
                throw new UsageException(string.Join(Environment.NewLine, errors));
            await output.WriteLineAsync($"The configuration is valid: {settings.Listen.Count + settings.Http.Listen.Count} listener(s), host name {settings.HostName}.");
            if (!parsed.GetValue(connect))
                return 0;
            return settings.QueueAddress.Kind == QueueKind.Broker
                ? await ConnectAsync(settings.Broker.ForOnce(), output, cancellationToken)
                : throw new UsageException("--connect: there is only a broker to connect to; name it, as in --queue amqp://HOST");
        });
        return command;
    }

    private static async Task<int> ConnectAsync(RabbitMqOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        bool isWell = true;
        foreach (BrokerFinding finding in await new BrokerCheck(options, TimeProvider.System).RunAsync(cancellationToken))
        {
            await output.WriteLineAsync(finding.IsFault ? $"WRONG: {finding.Text}" : finding.Text);
            isWell &= !finding.IsFault;
        }

        return isWell ? 0 : 1;
    }
}
