using Microsoft.Extensions.Logging;

namespace SlimtaFast.Server.Hosting;

/// <summary>The log lines of the server's own composition, ids 1 to 99.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(6, LogLevel.Debug, "Starting; metrics are collected: {Collected}")]
    public static partial void Starting(ILogger logger, bool collected);

    [LoggerMessage(1, LogLevel.Information, "Stopping: no new connections, running transactions may finish within {Limit}")]
    public static partial void Stopping(ILogger logger, TimeSpan limit);

    [LoggerMessage(2, LogLevel.Information, "Stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "Certificates reloaded: {Certificates}")]
    public static partial void CertificatesReloaded(ILogger logger, string certificates);

    [LoggerMessage(4, LogLevel.Error, "Changed certificates cannot be used, the ones before stay: {Problem}")]
    public static partial void CertificatesNotReloaded(ILogger logger, string problem);

    [LoggerMessage(5, LogLevel.Error, "The changed list could not be read; the old one goes on serving")]
    public static partial void ListNotRead(ILogger logger, Exception exception);
}
