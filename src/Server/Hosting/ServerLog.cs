using Microsoft.Extensions.Logging;

namespace SlimtaFast.Server.Hosting;

/// <summary>The log lines of the server's own composition, ids 1 to 99.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Error, "Code on a connection's thread failed and nobody waited for it")]
    public static partial void UnobservedFault(ILogger logger, Exception exception);
}
