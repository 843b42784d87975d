using Microsoft.Extensions.Logging;

namespace SlimtaFast.Server.Reloading;

/// <summary>The log lines of reloading, ids 20 to 29.</summary>
internal static partial class ReloadLog
{
    [LoggerMessage(20, LogLevel.Information, "Reading the configuration again: {Cause}")]
    public static partial void Begins(ILogger logger, string cause);

    [LoggerMessage(21, LogLevel.Information, "Configuration reloaded; changed while running: {Keys}")]
    public static partial void Ends(ILogger logger, string keys);

    [LoggerMessage(22, LogLevel.Warning, "{Key} was changed, which counts after a restart")]
    public static partial void NeedsRestart(ILogger logger, string key);

    [LoggerMessage(23, LogLevel.Error, "Mistake in the changed configuration: {Mistake}")]
    public static partial void Mistake(ILogger logger, string mistake);

    [LoggerMessage(24, LogLevel.Error, "The changed configuration is refused because of {Count} mistake(s); the one before goes on")]
    public static partial void Refused(ILogger logger, int count);
}
