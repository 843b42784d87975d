using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Hosting;
using SlimtaFast.Server.Logging;
using SlimtaFast.Storage;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast queue copy</c>: copies all that waits in one storage to another, and verifies it.</summary>
internal static class QueueCopyCommand
{
    private const int Differs = 1;
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(2);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<string> from = new("--from") { HelpName = "URI", Description = "The storage that has the mail, as --storage of \"slimtafast serve\" names it.", Required = true };
        Option<string> to = new("--to") { HelpName = "URI", Description = "The storage that gets it.", Required = true };
        Option<bool> remove = new("--remove") { Description = "Removes the mail from the source once all of it is verified." };
        Option<string?> config = new("--config") { HelpName = "FILE", Description = $"Configuration file, for who we are in the storages: sections Redis, Aws and OpenStack. Default: {ConfigurationSources.DefaultFile} where it exists." };
        var copy = new Command(
            "copy",
            """
            Copies all mail that waits in one storage to another, of any kind, then reads both and compares them, octet for octet. The source is not
            changed before all of that is done, and after it only with --remove. One that was interrupted is run again and goes on where it was.

            Stop every server and worker that uses one of the two first, and start none before it has ended. Once the target was in service, do not run it
            again from the same source: mail that was delivered from the target meanwhile is put back there, and delivered twice. Exit code 0 where both
            have the same mail, 1 where they differ or a storage fails, or where mail came to the source meanwhile.

            Examples:
              slimtafast queue copy --from disk:/var/spool/slimtafast --to redis://10.0.0.5
              slimtafast queue copy --from redis://10.0.0.5 --to 's3://mail/queue?region=eu-central-1' --remove
            """)
        {
            from, to, remove, config,
        };
        copy.SetAction((parsed, cancellationToken) =>
        {
            IConfigurationRoot configuration = ConfigurationSources.Load(parsed.GetValue(config), []);
            StorageAddress source = Parse("--from", parsed.GetValue(from)!), target = Parse("--to", parsed.GetValue(to)!);
            if (source == target)
                throw new UsageException("--from and --to name the same storage");
            return RunAsync(ServeCommand.ReadSettings(configuration), source, target, parsed.GetValue(remove), parsed.InvocationConfiguration.Output, cancellationToken);
        });
        return copy;
    }

    private static StorageAddress Parse(string option, string text)
    {
        try
        {
            StorageAddress address = StorageAddress.Parse(text);
            return address is MemoryStorageAddress ? throw new UsageException($"{option}: memory: has nothing before a server starts and nothing after it") : address;
        }
        catch (FormatException wrong)
        {
            throw new UsageException($"{option}: {wrong.Message}", wrong);
        }
    }

    private static async Task<int> RunAsync(ServeSettings settings, StorageAddress source, StorageAddress target, bool remove, TextWriter output, CancellationToken cancellationToken)
    {
        using var logs = new LineLoggerProvider(new LogSink(Console.OpenStandardError()), settings.LogFormat, TimeProvider.System);
        using ILoggerFactory loggers = LoggerFactory.Create(builder => builder.AddProvider(logs).SetMinimumLevel(LogLevel.Warning));
        await using IQueueStorage from = StorageOpening.Open(source, settings, TimeProvider.System, loggers), to = StorageOpening.Open(target, settings, TimeProvider.System, loggers);
        await from.StartAsync(cancellationToken);
        await to.StartAsync(cancellationToken);
        QueueCopyResult result = await new QueueCopy(from, to, TellTo(output)).RunAsync(remove, cancellationToken);
        foreach (string difference in result.Differences)
            await output.WriteLineAsync(difference);
        string outcome = result.Differences.Count > 0
            ? $"{result.Differences.Count} of {result.Items} items differ; the source is unchanged"
            : $"{result.Items} items are the same in both, {result.Present} of them were there already; {(result.Removed > 0 ? "they were removed from the source" : "the source is unchanged")}";
        await output.WriteLineAsync(outcome);
        return result.Differences.Count > 0 ? Differs : 0;
    }

    // A line for each stage, and one now and then.
    private static Action<QueueCopyProgress> TellTo(TextWriter output)
    {
        long told = 0;
        return progress =>
        {
            if (progress.Done != progress.Total && progress.Done != 0 && TimeProvider.System.GetElapsedTime(told) < TellEvery)
                return;
            if (progress.Stage == QueueCopyStage.Listing && TimeProvider.System.GetElapsedTime(told) < TellEvery)
                return;
            told = TimeProvider.System.GetTimestamp();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Name(progress.Stage)}: {progress.Done} of {progress.Total}"));
            output.Flush();
        };
    }

    private static string Name(QueueCopyStage stage) => stage switch
    {
        QueueCopyStage.Listing => "listing",
        QueueCopyStage.Copying => "copying",
        QueueCopyStage.Verifying => "verifying",
        _ => "removing",
    };
}
