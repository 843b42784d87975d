using Microsoft.Extensions.Configuration;

namespace SlimtaFast.Server.Reloading;

/// <summary>
/// Which keys count while the server runs, and which only after a restart: sockets, threads, storage, and whatever has connections or files of its own open.
/// docs/configuration.md says it for each key.
/// </summary>
internal static class ReloadScope
{
    // A section stands for all of its keys.
    private static readonly string[] AfterRestart =
    [
        "Listen", "HostName", "Storage", "ContentBudget", "Threads", "StopTimeout", "LogFormat", "ReloadOnChange",
        "Tls:Certificate", "Tls:Key", "Tls:PasswordFile", "Tls:ReloadInterval", "Tls:MinimumVersion", "Tls:ClientCertificates", "Tls:ClientAuthorities", "Tls:HandshakeTimeout",
        "Http", "Dns", "Redis", "Aws", "OpenStack", "Broker", "Admin", "Telemetry", "Events",
        "Queue:Address", "Queue:ProxyTimeout", "Queue:ScratchDirectory", "Queue:MaxReceivedFields", "Queue:MaxAttempts", "Queue:HopInitialAttempts", "Queue:HopMaxAttempts",
        "Queue:HopRetryFirst", "Queue:HopRetryMost", "Queue:ResidentItems", "Queue:ResidentOctets", "Queue:LeaseTime", "Queue:MaxLeased", "Queue:StopGrace",
        "Queue:MaxReturnedOctets", "Queue:HeaderBudget", "Pipe:MaxProcesses",
    ];

    /// <summary>True where a change of the key counts after a restart only.</summary>
    public static bool NeedsRestart(string key) => IsIn(key, AfterRestart);

    /// <summary>True where the key, or an entry of it, is one of these or in a section of that name.</summary>
    public static bool IsIn(string key, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase) || key.StartsWith(name + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
