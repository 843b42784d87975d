using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using SlimtaFast.Edge;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Hosting;

namespace SlimtaFast.Server.Reloading;

/// <summary>
/// Reads the configuration again, checks all of it as at a start, and has the running server go by what can change. One with a mistake changes nothing, and
/// every mistake is logged; of what needs a restart each key is logged. Not thread-safe: <see cref="ReloadTrigger"/> runs one at a time.
/// </summary>
internal sealed class ConfigurationReload(RunningConfiguration running, MailServer server, MailServerComposition composition, ILogger<ConfigurationReload> log)
{
    private static readonly string[] RelayKeys = ["Relay", "Routes", "RouteLookup", "Delivery", "Pipe"];

    // The keys that were told of already, as long as they stay changed.
    private HashSet<string> _told = [];

    /// <summary>Runs once; false where the configuration was refused.</summary>
    public bool Run(string cause)
    {
        ReloadLog.Begins(log, cause);
        try
        {
            return TryRun();
        }
        catch (Exception trouble) when (trouble is UsageException or IOException or UnauthorizedAccessException or FormatException or ArgumentException or TlsCertificateException)
        {
            return Refuse(trouble.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private bool TryRun()
    {
        IConfigurationRoot read = running.Input.Load();
        ServeSettings wanted = ServeSettings.Read(read, out IReadOnlyList<string> mistakes);
        if (mistakes.Count > 0)
            return Refuse(mistakes);
        wanted = running.Fit(wanted);

        // To hold is a mode of the queue and not a relay, so it does not come or go while it runs.
        bool relayStays = (wanted.Relay.Kind == RelayKind.Hold) != (running.Settings.Relay.Kind == RelayKind.Hold);
        IConfigurationRoot mixed = ConfigurationChange.Mix(running.Root, read, key => ReloadScope.NeedsRestart(key) || (relayStays && ReloadScope.IsIn(key, "Relay")));
        ServeSettings settings = ServeSettings.Read(mixed, out mistakes);
        if (mistakes.Count > 0)
            return Refuse([.. mistakes.Select(static mistake => mistake + " (together with what counts after a restart only)")]);
        settings = running.Fit(settings);

        IReadOnlyList<string> changed = ConfigurationChange.Find(running.Root, mixed);
        bool relayChanges = changed.Any(key => ReloadScope.IsIn(key, RelayKeys));
        MailServerOptions options = composition.Change(settings, changed);
        server.Apply(options, relayChanges ? transport => composition.MakeRelay(settings, transport) : null);
        composition.Accept(options);
        running.Accept(mixed, settings);
        TellRestarts(ConfigurationChange.Find(mixed, read), wanted);
        ReloadLog.Ends(log, changed.Count == 0 ? "nothing" : string.Join(", ", changed));
        return true;
    }

    private bool Refuse(IReadOnlyList<string> mistakes)
    {
        foreach (string mistake in mistakes)
            ReloadLog.Mistake(log, mistake);
        ReloadLog.Refused(log, mistakes.Count);
        return false;
    }

    private void TellRestarts(IReadOnlyList<string> keys, ServeSettings wanted)
    {
        List<string> all = [.. keys];
        // Connections to the usual relay are a limit of the queue's hops.
        if (!all.Contains("Relay") && wanted.Relay.Connections != running.First.Relay.Connections)
            all.Add("Relay (connections)");
        foreach (string key in all)
        {
            if (!_told.Contains(key))
                ReloadLog.NeedsRestart(log, key);
        }

        _told = [.. all];
    }
}
